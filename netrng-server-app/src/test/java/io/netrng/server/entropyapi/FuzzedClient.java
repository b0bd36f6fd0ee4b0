// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.session.FuzzedChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client with any behaviour, which checks each response against its own requests. */
final class FuzzedClient {

  private static final String HOST = "Host: [::1]\r\n";
  private static final JsonMapper JSON = new JsonMapper();

  /** The reasons not to give entropy: denied or kicked, a ceiling, no entropy. */
  private static final Set<Integer> NO_ENTROPY = Set.of(403, 429, 503);

  private static final Set<Integer> DENIED = Set.of(403);

  private final VirtualApi api;
  private final Queue<Expected> expected = new ArrayDeque<>();
  private VirtualClient connection;
  private int checked;

  /** Whether the client has sent bytes that need not be a request. */
  private boolean arbitrary;

  private boolean ended;

  /** The response to a request: the check of success, and the other statuses. */
  private record Expected(int status, Set<Integer> others, Consumer<VirtualClient.Response> check) {

    Expected {
      others = Set.copyOf(others);
    }
  }

  FuzzedClient(VirtualApi api) {
    this.api = api;
    connection = api.connect();
  }

  private FuzzedChannel channel() {
    return connection.channel();
  }

  void sendAnything(byte[] bytes) {
    arbitrary = true;
    connection.send(bytes);
  }

  private void request(
      String start,
      String headers,
      String body,
      int status,
      Set<Integer> others,
      Consumer<VirtualClient.Response> check) {
    Endpoint.of(start.split("[ ?]", 3)[1])
        .ifPresent(endpoint -> {
          Set<Integer> documented = endpoint.errors();
          assertThat(status == 200 || documented.contains(status)).as(start).isTrue();
          assertThat(documented).as(start).containsAll(others);
        });
    String length = body.isEmpty() ? "" : "Content-Length: %d\r\n".formatted(body.length());
    connection.send("%s HTTP/1.1\r\n%s%s\r\n%s".formatted(start, headers, length, body));
    expected.add(new Expected(status, others, check));
  }

  void requestBytes(int bytes) {
    request(
        "GET /v1/random?bytes=" + bytes,
        HOST,
        "",
        bytes == 0 ? 422 : 200,
        bytes == 0 ? DENIED : NO_ENTROPY,
        response -> {
          if (bytes > 0) {
            assertThat(response.body()).isEqualTo(ones(bytes));
          }
        });
  }

  private static byte[] ones(int size) {
    byte[] ones = new byte[size];
    Arrays.fill(ones, (byte) 1);
    return ones;
  }

  void requestBlocks(int size, int count) {
    requestBlocks("", size, count);
  }

  private void requestBlocks(String headers, int size, int count) {
    request(
        "POST /v1/entropy",
        HOST + headers,
        "{\"block_size\":%d,\"block_count\":%d}".formatted(size, count),
        200,
        NO_ENTROPY,
        response -> {
          JsonNode blocks = JSON.readTree(response.body()).get("entropy");
          String block = Base64.getEncoder().encodeToString(ones(size));
          assertThat(blocks.valueStream().map(JsonNode::asString))
              .isEqualTo(Collections.nCopies(count, block));
        });
  }

  void requestOther(int which) {
    switch (which % 8) {
      case 0 -> document("GET /v1/capabilities", HOST, 200, DENIED);
      case 1 -> document("GET /v1/healthtest", HOST, 200, DENIED);
      case 2 -> document("GET /v1/openapi.json", HOST, 200, Set.of());
      case 3 -> document("GET /v1/none", HOST, 404, Set.of());
      case 4 -> document("GET /v1/random?bytes=%zz", HOST, 400, Set.of());
      case 5 -> document("DELETE /v1/random", HOST, 405, Set.of());
      case 6 -> document("GET /v1/random", "Host: example.org\r\n", 421, Set.of());
      default -> document("POST /v1/entropy", HOST + "Content-Type: text/xml\r\n", 415, DENIED);
    }
  }

  private void document(String start, String headers, int status, Set<Integer> others) {
    request(start, headers, "", status, others, _ -> {});
  }

  void requestWithRejectedBody(int amount) {
    if ((amount & 1) == 0) {
      request("POST /v1/entropy", HOST, "x".repeat(8_193 + 50 * amount), 413, Set.of(), _ -> {});
    } else {
      connection.send(
          "POST /v1/entropy HTTP/1.1\r\n%sTransfer-Encoding: chunked\r\n".formatted(HOST));
      String chunk = "%x\r\n%s\r\n".formatted(100 + amount, "x".repeat(100 + amount));
      connection.send("\r\n" + chunk.repeat(100) + "0\r\n\r\n");
      expected.add(new Expected(413, Set.of(), _ -> {}));
    }
  }

  void requestWithExpectation(int amount) {
    switch (amount % 3) {
      case 0 -> requestBlocks("Expect: 100-continue\r\n", 1 + amount, 2);
      case 1 -> {
        // The client waits for 100 with a body that it never sends.
        connection.send(
            "POST /v1/entropy HTTP/1.1\r\n%sExpect: 100-continue\r\nContent-Length: 9000\r\n\r\n"
                .formatted(HOST));
        expected.add(new Expected(413, Set.of(), _ -> {}));
      }
      default -> request("GET /v1/random", HOST + "Expect: more\r\n", "", 417, Set.of(), _ -> {});
    }
  }

  void requestSeed(int amount) {
    boolean valid = amount % 4 > 0;
    request(
        "POST /",
        HOST,
        "challenge=" + "c".repeat(valid ? 1 + amount : 0),
        valid ? 200 : 400,
        valid ? NO_ENTROPY : Set.of(),
        response -> {
          if (valid) {
            assertThat(response.text()).matches("([0-9a-f]{128}\n){2}");
          }
        });
  }

  void requestTheLast() {
    request(
        "GET /v1/random",
        HOST + "Connection: close\r\n",
        "",
        200,
        NO_ENTROPY,
        response -> assertThat(response.body()).isEqualTo(ones(32)));
  }

  void take(long bytes) {
    channel().take(bytes);
  }

  void takeAll() {
    channel().take(Long.MAX_VALUE);
  }

  void setPieces(int bytes) {
    connection.setPieces(bytes);
  }

  void leave(boolean reset) {
    if (reset) {
      connection.reset();
    } else {
      connection.leave();
    }
  }

  void reconnect() {
    if (!connection.isOpen()) {
      connection = api.connect();
      expected.clear();
      checked = 0;
      arbitrary = false;
      ended = false;
    }
  }

  /** Whether it has a request that has no response yet. */
  boolean waits() {
    return connection.isOpen() && !arbitrary && !expected.isEmpty();
  }

  /** Checks the responses since the last call. */
  void check() {
    List<VirtualClient.Response> responses = connection.responses();
    for (; checked < responses.size() && !arbitrary; checked++) {
      check(responses.get(checked));
    }
  }

  private void check(VirtualClient.Response response) {
    assertThat(ended).as("the last response was before").isFalse();
    Expected next = expected.remove();
    Set<Integer> statuses = new HashSet<>(next.others);
    statuses.add(next.status);
    assertThat(response.status()).isIn(statuses);
    assertThat(response.headers().get("Cache-Control")).isEqualTo("no-store");
    if (response.status() == next.status) {
      next.check.accept(response);
    }
    if (response.status() != 200) {
      assertThat(response.headers().get("Content-Type")).isEqualTo("application/problem+json");
      assertThat(JSON.readTree(response.body()).get("status").asInt()).isEqualTo(response.status());
    }
    switch (response.status()) {
      case 403, 503 -> {
        // The time is not always known.
      }
      default ->
          assertThat(response.headers().contains("Retry-After"))
              .isEqualTo(response.status() == 429);
    }
    ended = "close".equals(response.headers().get("Connection"));
  }

  /** Checks that nothing is left to do, once the server has had enough samples. */
  void checkEnd() {
    check();
    assertThat(connection.hasMalformedResponse() && !arbitrary).isFalse();
    assertThat(waits()).as("a request without a response").isFalse();
    assertThat(connection.isOpen() && ended && !arbitrary)
        .as("open after the last response")
        .isFalse();
  }
}
