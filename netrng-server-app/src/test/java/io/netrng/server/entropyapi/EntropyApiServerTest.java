// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.protocol.CloseCode;
import io.netrng.server.session.ClientSession;
import io.netrng.server.session.Listener;
import io.netrng.server.session.SessionEvent;
import io.netrng.server.session.SessionProperties.ClientPolicy;
import io.netrng.server.session.TestServer;
import io.netrng.unit.DataRate;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Real HTTP clients, connected to the listener of the entropy API. */
@Tag("slow")
class EntropyApiServerTest {

  private static final int SIZE = TestServer.SAMPLE_SIZE;
  private static final String TOKEN = "0123456789abcdef0123";
  private static final String KNOWN = "web-1";

  private final JsonMapper json = new JsonMapper();

  @TempDir Path directory;

  private JsonNode json(HttpResponse<byte[]> response) {
    return json.readTree(response.body());
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private Path tokens() throws IOException {
    Path tokens = Files.createDirectories(directory.resolve("tokens"));
    Files.writeString(tokens.resolve(KNOWN), TOKEN + "\n");
    return tokens;
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.setSoTimeout(10_000);
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** A device that provides nothing. */
  private Path fifo() throws IOException, InterruptedException {
    Path fifo = directory.resolve("fifo");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    return fifo;
  }

  @Nested
  class Answers {

    @Test
    void containsAsManyBytesAsRequestedAndMayNotBeStored() throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server)) {
        // when
        HttpResponse<byte[]> response = api.get("/v1/random?bytes=77");

        // then
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().map())
            .containsEntry("content-type", List.of("application/octet-stream"))
            .containsEntry("content-length", List.of("77"))
            .containsEntry("cache-control", List.of("no-store"));
        assertThat(response.body()).hasSize(77);
        assertThat(api.get("/v1/random").body()).hasSize(32);
      }
    }

    @Test
    void areConsecutiveBytesOfTheStreamOnOneConnection() throws Exception {
      // given a device with known bytes
      byte[] bytes = new byte[256 * SIZE];
      new Random(1).nextBytes(bytes);
      Path device = Files.write(directory.resolve("device"), bytes);
      try (TestServer server = TestServer.start(100, Duration.ofSeconds(10), device);
          TestApi api = new TestApi(server)) {
        // when
        ByteBuffer received = ByteBuffer.allocate(10 + 5_000 + 3 * 700);
        received.put(api.get("/v1/random?bytes=10").body());
        received.put(api.get("/v1/random?bytes=5000").body());
        JsonNode blocks = json(api.post("/v1/entropy", "{\"block_size\":700,\"block_count\":3}"));
        for (JsonNode block : blocks.get("entropy")) {
          received.put(Base64.getDecoder().decode(block.asString()));
        }

        // then
        int begin = indexOf(bytes, received.slice(0, 10));
        assertThat(begin).isNotNegative();
        assertThat(received.flip()).isEqualTo(ByteBuffer.wrap(bytes, begin, received.limit()));
      }
    }

    private int indexOf(byte[] bytes, ByteBuffer part) {
      for (int i = 0; i + part.remaining() <= bytes.length; i++) {
        if (ByteBuffer.wrap(bytes, i, part.remaining()).equals(part)) {
          return i;
        }
      }
      return -1;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 16, 1_023, 65_536})
    void haveTheAnnouncedLengthInJson(int size) throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server)) {
        // when
        HttpResponse<byte[]> response =
            api.post("/v1/entropy", "{\"block_size\":%d,\"block_count\":5}".formatted(size));

        // then
        assertThat(response.statusCode()).isEqualTo(200);
        JsonNode answer = json(response);
        assertThat(answer.get("extensions")).isEmpty();
        assertThat(answer.get("entropy")).hasSize(5);
        for (JsonNode block : answer.get("entropy")) {
          assertThat(Base64.getDecoder().decode(block.asString())).hasSize(size);
        }
      }
    }

    @Test
    void mayBeLargerThanAllBuffersOfAClientThatReadsSlowly() throws Exception {
      int size = 4 * 1024 * 1024;
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server);
          Socket socket = api.connect()) {
        // given
        write(
            socket, "GET /v1/random?bytes=%d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".formatted(size));
        await("the client's buffers are full")
            .during(Duration.ofMillis(200))
            .until(() -> server.sessions().inFlight() > 0);

        // then
        InputStream answer = socket.getInputStream();
        assertThat(header(answer)).contains("content-length: " + size);
        assertThat(answer.readNBytes(size)).hasSize(size);
      }
    }

    @Test
    void comeInTheOrderOfRequestsThatAreSentAtOnce() throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server);
          Socket socket = api.connect()) {
        // when
        StringBuilder requests = new StringBuilder();
        for (int i = 1; i <= 50; i++) {
          requests.append("GET /v1/random?bytes=%d HTTP/1.1\r\nHost: [::1]\r\n\r\n".formatted(i));
        }
        write(socket, requests.toString());

        // then
        for (int i = 1; i <= 50; i++) {
          assertThat(header(socket.getInputStream())).contains("content-length: " + i + "\r\n");
          assertThat(socket.getInputStream().readNBytes(i)).hasSize(i);
        }
      }
    }

    private static String header(InputStream answer) throws IOException {
      StringBuilder header = new StringBuilder();
      while (header.indexOf("\r\n\r\n") < 0) {
        header.append((char) answer.read());
      }
      return header.toString();
    }
  }

  @Nested
  class Descriptions {

    @Test
    void sayWhatTheApiCanProvide() throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server)) {
        // when
        JsonNode capabilities = json(api.get("/v1/capabilities"));

        // then
        JsonNode entropy = capabilities.get("entropy");
        assertThat(entropy.get("min_block_size").asInt()).isEqualTo(1);
        assertThat(entropy.get("max_block_size").asInt()).isEqualTo(65_536);
        assertThat(entropy.get("max_block_count").asInt()).isEqualTo(256);
        assertThat(entropy.get("entropy_types").get(0).asString()).isEqualTo("hardware");
        assertThat(capabilities.get("source_count").asInt()).isEqualTo(1);
        assertThat(capabilities.get("healthtest").get("test_type").asString())
            .isEqualTo("nist_90b");
      }
    }

    @Test
    void showTheResultsOfTheLiveHealthTests() throws Exception {
      // given
      Path missing = fifo();
      try (TestServer healthy = TestServer.start();
          TestApi api = new TestApi(healthy);
          TestServer failed = TestServer.start(100, Duration.ofSeconds(10), missing);
          TestApi ofFailed = new TestApi(failed)) {
        // when
        JsonNode good = json(api.get("/v1/healthtest")).get("test_result");
        JsonNode bad = json(ofFailed.get("/v1/healthtest")).get("test_result");

        // then
        assertThat(good).hasSize(6);
        assertThat(good)
            .allSatisfy(
                result -> assertThat(result.get("test_result").asString()).isEqualTo("pass"));
        assertThat(bad)
            .allSatisfy(
                result -> assertThat(result.get("test_result").asString()).isNotEqualTo("pass"));
      }
    }
  }

  @Nested
  class Rejections {

    @ParameterizedTest
    @CsvSource({
      "/v1/random?bytes=0, 422",
      "/v1/random?bytes=-1, 422",
      "/v1/random?bytes=16777217, 422",
      "/v1/random?bytes=9223372036854775808, 422",
      "/v1/random?bytes=, 422",
      "/v1/random?bytes=1&bytes=2, 422",
      "/v1/entropy, 405",
      "/, 404",
      "/v1/, 404"
    })
    void nameTheFaultOfARequest(String path, int status) throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server)) {
        // when
        HttpResponse<byte[]> response = api.get(path);

        // then
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type"))
            .contains("application/problem+json");
        assertThat(json(response).get("detail").asString()).endsWith(".");
        assertThat(response.headers().firstValue("allow").isPresent()).isEqualTo(status == 405);
        assertThat(api.server().answers(status)).isEqualTo(1);
        assertThat(server.sessions().clients()).isEmpty();
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "[]",
          "{}",
          "{\"block_size\":",
          "{\"block_size\":0}",
          "{\"block_size\":65537}",
          "{\"block_size\":1.5}",
          "{\"block_size\":\"8\"}",
          "{\"block_size\":true}",
          "{\"block_size\":99999999999999999999}",
          "{\"block_size\":8,\"block_count\":0}",
          "{\"block_size\":8,\"block_count\":257}",
          "{\"block_size\":8,\"block_count\":null}",
          "{\"block_size\":8,\"entropy_type\":\"other\"}"
        })
    void haveStatus422ForABadBody(String body) throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server)) {
        // when
        HttpResponse<byte[]> response = api.post("/v1/entropy", body);

        // then
        assertThat(response.statusCode()).as(text(response)).isEqualTo(422);
      }
    }

    @Test
    void acceptJsonThatIsSentAsAForm() throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server)) {
        String body = "{\"block_size\":8,\"entropy_type\":\"hardware\",\"more\":1}";
        // when, then
        assertThat(
                api.post("/v1/entropy", body, "Content-Type", "application/x-www-form-urlencoded")
                    .statusCode())
            .isEqualTo(200);
        assertThat(api.post("/v1/entropy", body, "Content-Type", "text/xml").statusCode())
            .isEqualTo(415);
        assertThat(api.post("/v1/entropy", "x".repeat(9_000)).statusCode()).isEqualTo(413);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /v1/random?bytes=%zz HTTP/1.1", "GET / x y z", "\u0001"})
    void endAConnectionWhoseRequestsCannotBeDecoded(String request) throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server);
          Socket socket = api.connect()) {
        // when
        write(socket, request + "\r\nHost: [::1]\r\n\r\n");

        // then
        String answer =
            new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(answer).startsWith("HTTP/1.1 400");
      }
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void areNotLoggedIfAClientClosesInTheMiddleOfOne(CapturedOutput output) throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server);
          Socket socket = api.connect()) {
        // when
        write(socket, "POST /v1/entropy HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 5\r\n\r\n{");
        socket.shutdownOutput();
        assertThat(socket.getInputStream().readAllBytes()).isEmpty();
      }

      // then
      assertThat(output).doesNotContain("failed", "\tat ");
    }

    @Test
    void protectTheAnswersFromForeignPages() throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server);
          Socket socket = api.connect()) {
        // when
        write(socket, "GET /v1/random HTTP/1.1\r\nHost: evil.example\r\n\r\n");

        // then
        byte[] begin = socket.getInputStream().readNBytes(12);
        assertThat(new String(begin, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 421");
      }
    }

    @Test
    void sayWhenToRetryWithoutEntropy() throws Exception {
      // given
      Path missing = fifo();
      try (TestServer server = TestServer.start(100, Duration.ofSeconds(10), missing);
          TestApi api = new TestApi(server)) {
        // when
        HttpResponse<byte[]> response = api.get("/v1/random");

        // then
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValueAsLong("retry-after").orElseThrow())
            .isBetween(1L, 600L);
        assertThat(server.events())
            .anyMatch(event ->
                event instanceof SessionEvent.Refused refused
                    && refused.code() == CloseCode.NO_ENTROPY);
      }
    }

    @Test
    void sayWhenToRetryWithoutCapacity() throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server)) {
        // given
        server.capacity(() -> 1);

        // when
        HttpResponse<byte[]> response = api.get("/v1/random");

        // then
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(text(response)).contains("netrng.server.capacity");
        assertThat(response.headers().firstValueAsLong("retry-after")).isPresent();
      }
    }
  }

  @Nested
  class Clients {

    @Test
    void areIdentifiedByTheirTokens() throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server, "token-directory", tokens().toString())) {
        // when, then
        assertThat(api.get("/v1/random").statusCode()).isEqualTo(401);
        HttpResponse<byte[]> wrong = api.get("/v1/random", "Authorization", "Bearer no" + TOKEN);
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.headers().firstValue("www-authenticate")).isPresent();
        assertThat(api.get("/v1/capabilities").statusCode()).isEqualTo(401);
        assertThat(api.get("/v1/healthtest").statusCode()).isEqualTo(401);
        assertThat(api.get("/v1/openapi.json").statusCode()).isEqualTo(200);
        assertThat(api.get("/v1/random", "X-API-KEY", TOKEN).statusCode()).isEqualTo(200);
        assertThat(api.get("/v1/random", "Authorization", "bearer " + TOKEN).statusCode())
            .isEqualTo(200);
        ClientSession client = server.session(KNOWN);
        assertThat(client.identity().name()).isEqualTo(KNOWN);
        assertThat(client.listener()).isEqualTo(Listener.HTTP);
        assertThat(client.guarantee()).isEqualTo(640);
        await("the bytes are counted once they are in the socket")
            .until(() -> server.sessions().delivered(Listener.HTTP) == 64);
      }
    }

    @Test
    void getTheirNewTokensWithoutARestart() throws Exception {
      // given
      Path directory = tokens();
      Tokens tokens = Tokens.of(directory);

      // when, then
      assertThat(tokens.identify(TOKEN))
          .hasValueSatisfying(id -> assertThat(id.name()).isEqualTo(KNOWN));
      Files.writeString(directory.resolve("web-2"), "another-token-0123");
      Files.delete(directory.resolve(KNOWN));
      tokens.reload();
      assertThat(tokens.identify(TOKEN)).isEmpty();
      assertThat(tokens.identify("another-token-0123")).isPresent();
      Files.writeString(directory.resolve("web-3"), "short");
      tokens.reload();
      assertThat(tokens.identify("another-token-0123")).as("earlier tokens stay").isPresent();
    }

    @Test
    void areRefusedWhenDenied() throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server, "token-directory", tokens().toString())) {
        // given
        assertThat(api.get("/v1/random", "X-API-KEY", TOKEN).statusCode()).isEqualTo(200);
        server.authenticator().deny(List.of(KNOWN));

        // when, then
        assertThat(api.get("/v1/random", "X-API-KEY", TOKEN).statusCode()).isEqualTo(403);
      }
    }

    @Test
    void areDisconnectedByAKickAndRefusedByAHold() throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server, "token-directory", tokens().toString())) {
        // given
        assertThat(api.get("/v1/random", "X-API-KEY", TOKEN).statusCode()).isEqualTo(200);

        // when
        server.sessions().kick(server.session(KNOWN), Duration.ofMinutes(10));
        await("it is gone").until(() -> server.sessions().clients().isEmpty());

        // then
        HttpResponse<byte[]> response = api.get("/v1/random", "X-API-KEY", TOKEN);
        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(response.headers().firstValueAsLong("retry-after").orElseThrow())
            .isBetween(590L, 600L);
      }
    }

    @Test
    void areLimitedByTheirCeilingOverAllConnections() throws Exception {
      ClientPolicy policy = new ClientPolicy(KNOWN, null, new DataRate(2L * SIZE), null);
      try (TestServer server = TestServer.startWith(policy);
          TestApi api = new TestApi(server, "token-directory", tokens().toString());
          TestApi other = new TestApi(server, "token-directory", tokens().toString())) {
        // when
        HttpResponse<byte[]> response = api.get("/v1/random?bytes=8192", "X-API-KEY", TOKEN);
        HttpResponse<byte[]> next = api.get("/v1/random?bytes=2048", "X-API-KEY", TOKEN);

        // then
        assertThat(response.body()).hasSize(8 * SIZE);
        assertThat(next.statusCode()).isEqualTo(429);
        assertThat(next.headers().firstValueAsLong("retry-after").orElseThrow()).isBetween(1L, 5L);
        assertThat(other.get("/v1/random?bytes=32", "X-API-KEY", TOKEN).statusCode())
            .as("another listener has a ceiling of its own")
            .isEqualTo(200);
      }
    }

    @Test
    void leaveTheirReservationBeforeTheApiHasStopped() throws Exception {
      try (TestServer server = TestServer.start()) {
        try (TestApi api = new TestApi(server)) {
          api.get("/v1/random");
          assertThat(server.sessions().promised()).isEqualTo(640);
        }
        // At once, because beans that hear of it are gone after the stop.
        assertThat(server.sessions().promised()).isZero();
        assertThat(server.events()).last().isInstanceOf(SessionEvent.Disconnected.class);
        assertThat(server.sessions().clients()).isEmpty();
        assertThat(server.sessions().inFlight()).isZero();
      }
    }
  }

  @Nested
  class AnonymousMachines {

    private static final String CHALLENGE = "c".repeat(128);

    @Test
    void getNothingUnlessTheOperatorAllowsIt() throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api = new TestApi(server)) {
        assertThat(api.post("/", "challenge=" + CHALLENGE).statusCode()).isEqualTo(404);
      }
    }

    @Test
    void getADigestOfTheirChallengeAndADifferentSeedEachTime() throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api =
              new TestApi(
                  server, "pollinate.enabled", "true", "token-directory", tokens().toString())) {
        // when
        List<String> one = text(api.post("/", "challenge=" + CHALLENGE)).lines().toList();
        List<String> two = text(api.post("/", "challenge=" + CHALLENGE)).lines().toList();

        // then
        byte[] digest =
            MessageDigest.getInstance("SHA-512")
                .digest(CHALLENGE.getBytes(StandardCharsets.US_ASCII));
        assertThat(one.getFirst()).isEqualTo(HexFormat.of().formatHex(digest));
        assertThat(one).hasSize(2);
        assertThat(one.getLast()).matches("[0-9a-f]{128}").isNotEqualTo(two.getLast());
        assertThat(api.post("/", "").statusCode()).isEqualTo(400);
        assertThat(api.post("/", "challenge=" + "c".repeat(2_000)).statusCode()).isEqualTo(400);
        await("anonymous machines keep no session")
            .until(() -> server.sessions().clients().isEmpty());
        assertThat(server.events())
            .filteredOn(event -> event instanceof SessionEvent.Connected)
            .allSatisfy(event ->
                assertThat(((SessionEvent.Connected) event).session().guarantee()).isZero());
      }
    }

    @Test
    void shareOneCeiling() throws Exception {
      try (TestServer server = TestServer.start();
          TestApi api =
              new TestApi(server, "pollinate.enabled", "true", "pollinate.ceiling", "1B/s")) {
        // when
        HttpResponse<byte[]> first = api.post("/", "challenge=" + CHALLENGE);
        HttpResponse<byte[]> second = api.post("/", "challenge=" + CHALLENGE);

        // then
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(second.statusCode()).isEqualTo(429);
        assertThat(second.headers().firstValueAsLong("retry-after")).isPresent();
      }
    }
  }
}
