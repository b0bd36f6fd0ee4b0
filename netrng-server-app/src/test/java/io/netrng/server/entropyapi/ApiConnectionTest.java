// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** One connection in virtual time. */
class ApiConnectionTest {

  private static final String RANDOM = "/v1/random?bytes=64";
  private static final String BLOCK = "{\"block_size\":64}";

  private VirtualApi api = new VirtualApi(List.of());

  @AfterEach
  void finish() {
    api.finish();
  }

  @Nested
  class PipelinedRequests {

    @Test
    void areNotReadWhileAnAnswerIsPending() {
      // given reads that end in the middle of bodies
      VirtualClient client = api.connect();
      client.get(RANDOM);
      int first = client.unread();
      for (int i = 0; i < 50; i++) {
        client.post("/v1/entropy", BLOCK + " ".repeat(100));
      }
      client.setPieces((client.unread() - first) / 50);
      int sent = client.unread();

      // when
      api.settle();

      // then
      assertThat(sent - client.unread()).isLessThan(300);
      api.release(51);
      assertThat(client.unread()).isZero();
      assertThat(client.statuses()).hasSize(51).containsOnly(200);
    }

    @Test
    void endTheConnectionIfMoreThan100ArePending() {
      // given
      VirtualClient client = api.connect();
      for (int i = 0; i <= 100; i++) {
        client.get(RANDOM);
      }
      api.settle();
      assertThat(client.isOpen()).isTrue();
      VirtualClient other = api.connect();

      // when
      for (int i = 0; i <= 101; i++) {
        other.get(RANDOM);
      }
      api.settle();

      // then
      assertThat(other.isOpen()).isFalse();
      api.release(101);
      assertThat(client.statuses()).hasSize(101).containsOnly(200);
    }

    @Test
    void areAnsweredInTheirOrderIfTheirBodiesAreRejected() {
      // given
      VirtualClient client = api.connect();
      client.get(RANDOM);
      client.post("/v1/entropy", "x".repeat(9_000));
      client.get(RANDOM);
      client.send(
          """
          POST /v1/entropy HTTP/1.1\r
          Host: [::1]\r
          Expect: 100-continue\r
          Content-Length: %d\r
          \r
          """
              .formatted(BLOCK.length()));
      api.settle();
      assertThat(client.responses()).isEmpty();
      assertThat(client.continues()).isZero();

      // when
      api.release(2);
      int continues = client.continues();
      client.send(BLOCK);
      client.send("GET / HTTP/1.1\r\nHost: [::1]\r\nExpect: more\r\n\r\n");
      client.get(RANDOM);
      api.release(2);

      // then
      assertThat(continues).isEqualTo(1);
      assertThat(client.statuses()).containsExactly(200, 413, 200, 200, 417);
      assertThat(client.isOpen()).isFalse();
      for (int status : List.of(413, 417)) {
        VirtualClient.Response response = client.responses().get(status == 413 ? 1 : 4);
        assertThat(response.headers().get("Cache-Control")).isEqualTo("no-store");
        assertThat(response.headers().get("Content-Type")).isEqualTo("application/problem+json");
        assertThat(api.api().answers(status)).isEqualTo(1);
      }
    }

    @Test
    void areNotAnsweredAfterTheLastRequestOfAConnection() {
      // given
      VirtualClient client = api.connect();
      client.send("GET /v1/random HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n");
      client.get(RANDOM);
      client.get(RANDOM);

      // when
      api.release(3);

      // then
      assertThat(client.statuses()).containsExactly(200);
      assertThat(client.isOpen()).isFalse();
      assertThat(api.api().answers(200)).isEqualTo(1);
    }
  }

  @Nested
  class Bodies {

    @Test
    void areDiscardedIfTheyAreTooLarge() {
      // given
      VirtualClient client = api.connect();
      client.setPieces(1_000);
      client.post("/v1/entropy", "x".repeat(100_000));
      client.send("POST /v1/entropy HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 10; i++) {
        client.send("3e8\r\n%s\r\n".formatted("x".repeat(1_000)));
      }
      client.send("0\r\n\r\n");
      client.post("/v1/entropy", BLOCK);

      // when
      api.release(1);

      // then
      assertThat(client.statuses()).containsExactly(413, 413, 200);
    }

    @Test
    void areNotSentAfterARejectionToAClientThatWaitsFor100() {
      // given
      VirtualClient client = api.connect();
      client.send(
          """
          POST /v1/entropy HTTP/1.1\r
          Host: [::1]\r
          Expect: 100-continue\r
          Content-Length: 9000\r
          \r
          """);

      // when
      api.settle();

      // then
      assertThat(client.statuses()).containsExactly(413);
      assertThat(client.continues()).isZero();
      assertThat(client.isOpen()).isFalse();
    }
  }
}
