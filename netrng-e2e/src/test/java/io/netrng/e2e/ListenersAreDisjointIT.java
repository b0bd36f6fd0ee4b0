// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.testkit.Message;
import io.netrng.testkit.RawClient;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
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

  private static final Pattern DELIVERED =
      Pattern.compile(
          "delivered session=\"\\d+\" listener=\"(\\w+)\" offset=\"(\\d+)\" bytes=\"(\\d+)\"");

  @TempDir Path directory;

  private record Range(String listener, int offset, int bytes) {}

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
                "--netrng.server.egd.listen[0]=" + socket,
                "--logging.level.io.netrng.server.session.ClientSession=debug");
        ExecutorService threads = Executors.newFixedThreadPool(3)) {
      // when a client of each listener draws at the same time
      Map<String, Future<byte[]>> drawings =
          Map.of(
              "stream", threads.submit(() -> overTheStream(server.streamPort())),
              "egd", threads.submit(() -> overEgd(socket)),
              "http", threads.submit(() -> overHttp(server.entropyApiPort())));
      Map<String, byte[]> received = new HashMap<>();
      for (Map.Entry<String, Future<byte[]>> drawing : drawings.entrySet()) {
        received.put(drawing.getKey(), drawing.getValue().get());
      }
      int all = received.values().stream().mapToInt(some -> some.length).sum();
      await("the log has all deliveries")
          .atMost(AppProcess.PATIENCE)
          .until(() -> deliveries(server).stream().mapToInt(Range::bytes).sum() == all);

      // then each client has the bytes at the places in the log
      List<Range> deliveries = deliveries(server);
      received.forEach((listener, some) ->
          assertThat(some).as(listener).isEqualTo(at(deliveries, listener, bytes)));
      // and no place is there twice
      List<Range> sorted =
          deliveries.stream().sorted(Comparator.comparingInt(Range::offset)).toList();
      for (int i = 1; i < sorted.size(); i++) {
        Range before = sorted.get(i - 1);
        assertThat(sorted.get(i).offset()).isGreaterThanOrEqualTo(before.offset + before.bytes);
      }
    }
  }

  private static List<Range> deliveries(AppProcess server) {
    return DELIVERED
        .matcher(server.log())
        .results()
        .map(line ->
            new Range(
                line.group(1), Integer.parseInt(line.group(2)), Integer.parseInt(line.group(3))))
        .toList();
  }

  private static byte[] at(List<Range> deliveries, String listener, byte[] device) {
    List<Range> own = deliveries.stream().filter(d -> d.listener.equals(listener)).toList();
    ByteBuffer bytes = ByteBuffer.allocate(own.stream().mapToInt(Range::bytes).sum());
    own.forEach(range -> bytes.put(device, range.offset, range.bytes));
    return bytes.array();
  }

  private static byte[] overTheStream(int port) throws IOException {
    ByteBuffer received = ByteBuffer.allocate(4 * ROUNDS * SIZE);
    try (RawClient client = new RawClient(port)) {
      client.join("client");
      for (int round = 0; round < ROUNDS; round++) {
        client.request(4);
        for (int i = 0; i < 4; i++) {
          Message.Sample sample = client.sample();
          received.put(sample.entropy());
        }
      }
      client.bye();
    }
    return received.array();
  }

  private static byte[] overEgd(Path socket) throws IOException {
    ByteBuffer received = ByteBuffer.allocate(4 * ROUNDS * 255);
    try (SocketChannel egd = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      egd.connect(UnixDomainSocketAddress.of(socket));
      byte[] requests = {2, -1, 2, -1, 2, -1, 2, -1};
      for (int round = 0; round < ROUNDS; round++) {
        egd.write(ByteBuffer.wrap(requests));
        received.limit(received.position() + 4 * 255);
        while (received.hasRemaining()) {
          assertThat(egd.read(received)).isPositive();
        }
      }
    }
    return received.array();
  }

  private static byte[] overHttp(int port) throws Exception {
    List<byte[]> parts = new ArrayList<>();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest.Builder request = HttpRequest.newBuilder();
      String api = "http://127.0.0.1:%d/v1/".formatted(port);
      for (int round = 0; round < ROUNDS; round++) {
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
}
