// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.testkit.Message;
import io.netrng.testkit.RawClient;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The clients of the stream, of EGD and of HTTP receive disjoint parts of one stream, as the debug
 * log of the server shows. The device is a file, so that each byte can be compared with its place.
 */
class ListenersAreDisjointIT {

  private static final int SIZE = 256;
  private static final int ROUNDS = 100;

  /** The bytes of entropy in a seed of pollinate. */
  private static final int SEED = 64;

  /** The challenge, and the name of the client in this test. */
  private static final String POLLINATE = "pollinate";

  private static final Pattern DELIVERED =
      Pattern.compile(
          "delivered session=\"(\\d+)\" listener=\"(\\w+)\" offset=\"(\\d+)\" bytes=\"(\\d+)\"");

  @TempDir Path directory;

  private record Range(String session, String listener, int offset, int bytes) {}

  /** All clients draw once in each round, so that their offsets are interleaved. */
  private final CyclicBarrier round = new CyclicBarrier(4);

  @Test
  void allListenersTogetherDeliverEachByteAtMostOnce() throws Exception {
    // given
    byte[] bytes = new byte[4 << 20];
    new Random(11).nextBytes(bytes);
    Path device = Files.write(directory.resolve("device"), bytes);
    Path socket = directory.resolve("egd.sock");
    try (AppProcess server =
            AppProcess.server(
                "--netrng.server.source.devices=" + device,
                "--netrng.server.sample-size=" + SIZE + "B",
                "--netrng.server.entropy-api.port=0",
                "--netrng.server.entropy-api.pollinate.enabled=true",
                "--netrng.server.entropy-api.pollinate.ceiling=1MB/s",
                "--netrng.server.egd.listen[0]=" + socket,
                "--logging.level.io.netrng.server.session.ClientSession=debug");
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      // when a client of each listener draws at the same time
      Map<String, Future<byte[]>> drawings =
          Map.of(
              "stream", threads.submit(() -> overTheStream(server.streamPort())),
              "egd", threads.submit(() -> overEgd(socket)),
              "http", threads.submit(() -> overHttp(server.entropyApiPort())));
      Future<List<String>> seeds = threads.submit(() -> pollinate(server.entropyApiPort()));
      Map<String, byte[]> received = new HashMap<>();
      for (Map.Entry<String, Future<byte[]>> drawing : drawings.entrySet()) {
        received.put(drawing.getKey(), drawing.getValue().get());
      }
      assertThat(seeds.get()).hasSize(ROUNDS);
      int all = received.values().stream().mapToInt(some -> some.length).sum() + ROUNDS * SEED;
      await("the log has all deliveries")
          .atMost(AppProcess.PATIENCE)
          .until(() -> deliveries(server).stream().mapToInt(Range::bytes).sum() == all);

      // then each client has the bytes at the places in the log
      Map<String, List<Range>> deliveries = byClient(deliveries(server));
      received.forEach((client, some) ->
          assertThat(some).as(client).isEqualTo(at(deliveries.get(client), bytes)));
      assertThat(deliveries.get(POLLINATE).stream().map(range -> seed(bytes, range)))
          .containsExactlyInAnyOrderElementsOf(seeds.get());
      // and no place is there twice
      List<Range> sorted =
          deliveries.values().stream()
              .flatMap(List::stream)
              .sorted(Comparator.comparingInt(Range::offset))
              .toList();
      for (int i = 1; i < sorted.size(); i++) {
        Range before = sorted.get(i - 1);
        assertThat(sorted.get(i).offset()).isGreaterThanOrEqualTo(before.offset + before.bytes);
      }
      // and the parts of each client are between those of the others
      int first = sorted.getFirst().offset;
      int last = sorted.getLast().offset;
      deliveries.forEach((client, own) ->
          assertThat(own.getLast().offset - own.getFirst().offset)
              .as(client)
              .isGreaterThan((last - first) / 2));
    }
  }

  /** Each seed has a session of its own. All other bytes of a listener are of one session. */
  private static Map<String, List<Range>> byClient(List<Range> deliveries) {
    Map<String, Integer> sessions =
        deliveries.stream()
            .collect(Collectors.groupingBy(Range::session, Collectors.summingInt(Range::bytes)));
    return deliveries.stream()
        .collect(
            Collectors.groupingBy(
                range -> sessions.get(range.session) == SEED ? POLLINATE : range.listener));
  }

  private static String seed(byte[] device, Range range) {
    try {
      MessageDigest sha512 = MessageDigest.getInstance("SHA-512");
      sha512.update(POLLINATE.getBytes(StandardCharsets.US_ASCII));
      sha512.update(device, range.offset, range.bytes);
      return HexFormat.of().formatHex(sha512.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitRound() throws Exception {
    round.await(AppProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static List<Range> deliveries(AppProcess server) {
    return DELIVERED
        .matcher(server.log())
        .results()
        .map(line ->
            new Range(
                line.group(1),
                line.group(2),
                Integer.parseInt(line.group(3)),
                Integer.parseInt(line.group(4))))
        .toList();
  }

  private static byte[] at(List<Range> deliveries, byte[] device) {
    ByteBuffer bytes = ByteBuffer.allocate(deliveries.stream().mapToInt(Range::bytes).sum());
    deliveries.forEach(range -> bytes.put(device, range.offset, range.bytes));
    return bytes.array();
  }

  private byte[] overTheStream(int port) throws Exception {
    ByteBuffer received = ByteBuffer.allocate(4 * ROUNDS * SIZE);
    try (RawClient client = new RawClient(port)) {
      client.join("client");
      for (int i = 0; i < ROUNDS; i++) {
        awaitRound();
        client.request(4);
        for (int part = 0; part < 4; part++) {
          Message.Sample sample = client.sample();
          received.put(sample.entropy());
        }
      }
      client.bye();
    }
    return received.array();
  }

  private byte[] overEgd(Path socket) throws Exception {
    ByteBuffer received = ByteBuffer.allocate(4 * ROUNDS * 255);
    try (SocketChannel egd = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      egd.connect(UnixDomainSocketAddress.of(socket));
      byte[] requests = {2, -1, 2, -1, 2, -1, 2, -1};
      for (int i = 0; i < ROUNDS; i++) {
        awaitRound();
        egd.write(ByteBuffer.wrap(requests));
        received.limit(received.position() + 4 * 255);
        while (received.hasRemaining()) {
          assertThat(egd.read(received)).isPositive();
        }
      }
    }
    return received.array();
  }

  private byte[] overHttp(int port) throws Exception {
    List<byte[]> parts = new ArrayList<>();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest.Builder request = HttpRequest.newBuilder();
      String api = "http://127.0.0.1:%d/v1/".formatted(port);
      for (int i = 0; i < ROUNDS; i++) {
        awaitRound();
        HttpRequest random = request.uri(URI.create(api + "random?bytes=777")).GET().build();
        parts.add(http.send(random, HttpResponse.BodyHandlers.ofByteArray()).body());
        HttpRequest entropy =
            request
                .uri(URI.create(api + "entropy"))
                .POST(HttpRequest.BodyPublishers.ofString("{\"block_size\":100,\"block_count\":3}"))
                .build();
        String json = http.send(entropy, HttpResponse.BodyHandlers.ofString()).body();
        for (JsonNode block : JsonMapper.shared().readTree(json).get("entropy")) {
          parts.add(Base64.getDecoder().decode(block.asString()));
        }
      }
    }
    ByteBuffer received = ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
    parts.forEach(received::put);
    return received.array();
  }

  /** Returns the seeds, each of a connection of its own. */
  private List<String> pollinate(int port) throws Exception {
    List<String> seeds = new ArrayList<>();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/".formatted(port)))
              .POST(HttpRequest.BodyPublishers.ofString("challenge=" + POLLINATE))
              .build();
      for (int i = 0; i < ROUNDS; i++) {
        awaitRound();
        String answer = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        seeds.add(answer.lines().toList().getLast());
      }
    }
    return seeds;
  }
}
