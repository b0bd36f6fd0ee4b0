// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.session.SessionEvent;
import io.netrng.server.session.SessionProperties.ClientPolicy;
import io.netrng.server.source.Source.Availability;
import io.netrng.unit.DataRate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** One connection in virtual time. */
class ApiConnectionTest {

  private static final String RANDOM = "/v1/random?bytes=64";
  private static final String BLOCK = "{\"block_size\":64}";

  private static final String SEED = "challenge=0123456789abcdef";

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

  /** Applies rates to all clients, in bytes per second. */
  private static ClientPolicy policy(long guarantee, @Nullable Long ceiling) {
    return new ClientPolicy(
        Authentication.ANYONE,
        new DataRate(guarantee),
        ceiling == null ? null : new DataRate(ceiling),
        null);
  }

  private static String retryAfter(VirtualClient.Response response) {
    return response.headers().get("Retry-After", "none");
  }

  @Nested
  class WithoutEntropy {

    @Test
    void endARequestAfter30Seconds() {
      // given
      VirtualClient client = api.connect();
      client.get(RANDOM);
      api.settle();
      api.pass(Duration.ofSeconds(29));
      assertThat(client.responses()).isEmpty();

      // when
      api.pass(Duration.ofSeconds(1));

      // then
      assertThat(client.statuses()).containsExactly(503);
      assertThat(client.responses().getFirst().text()).contains("within 30 s");
      assertThat(retryAfter(client.responses().getFirst())).isEqualTo("1");
      client.get(RANDOM);
      api.release(2);
      assertThat(client.statuses()).containsExactly(503, 200);
    }

    @Test
    void waitForThreeSamplesAtTheGuaranteeOfTheClient() {
      // given 64 bytes in 32 seconds
      VirtualApi slow = new VirtualApi(List.of(policy(2, null)));
      VirtualClient client = slow.connect();
      client.get(RANDOM);
      slow.settle();
      slow.pass(Duration.ofSeconds(95));
      assertThat(client.responses()).isEmpty();

      // when
      slow.pass(Duration.ofSeconds(1));

      // then
      assertThat(client.statuses()).containsExactly(503);
      assertThat(client.responses().getFirst().text()).contains("within 96 s");
      slow.finish();
    }

    @Test
    void endAConnectionWhoseAnswerStalls() {
      // given
      VirtualClient client = api.connect();
      client.get("/v1/random?bytes=192");
      api.release(1);
      api.pass(Duration.ofSeconds(50));
      api.release(1);
      api.pass(Duration.ofSeconds(30));
      assertThat(client.isOpen()).isTrue();

      // when
      api.pass(Duration.ofSeconds(30));

      // then
      assertThat(client.isOpen()).isFalse();
      assertThat(client.responses()).isEmpty();
      VirtualClient.Response begun = Objects.requireNonNull(client.present());
      assertThat(begun.status()).isEqualTo(200);
      assertThat(begun.body()).hasSize(128);
      assertThat(api.sessions().registry().clients()).isEmpty();
    }

    @Test
    void rejectRequestsInQuarantine() {
      // given a client from before, and a new one
      VirtualClient before = api.connect();
      before.get(RANDOM);
      api.release(1);
      VirtualClient next = api.connect();

      // when
      api.sessions().setAvailability(new Availability.Expected(Duration.ofSeconds(7)));
      before.get(RANDOM);
      next.get(RANDOM);
      api.settle();

      // then
      assertThat(before.statuses()).containsExactly(200, 503);
      assertThat(retryAfter(before.responses().getLast())).isEqualTo("7");
      assertThat(next.statuses()).containsExactly(503);
      assertThat(Integer.parseInt(retryAfter(next.responses().getLast()))).isBetween(7, 20);

      // when
      api.sessions().setAvailability(new Availability.Exhausted());
      before.get(RANDOM);
      api.settle();

      // then
      assertThat(before.statuses()).containsExactly(200, 503, 503);
      assertThat(retryAfter(before.responses().getLast())).isEqualTo("none");
    }
  }

  @Nested
  class Kicks {

    @Test
    void rejectARequestThatWaits() {
      // given
      VirtualClient client = api.connect();
      client.get(RANDOM);
      client.get(RANDOM);
      api.settle();

      // when
      api.kickAll();

      // then
      assertThat(client.statuses()).containsExactly(403);
      assertThat(retryAfter(client.responses().getFirst())).isEqualTo("60");
      assertThat(client.isOpen()).isFalse();
      assertThat(api.sessions().events())
          .filteredOn(event -> event instanceof SessionEvent.Connected)
          .as("the second request is not served")
          .hasSize(1);
    }

    @Test
    void endAConnectionInTheMiddleOfItsAnswer() {
      // given
      VirtualClient client = api.connect();
      client.get("/v1/random?bytes=128");
      api.release(1);

      // when
      api.kickAll();

      // then
      assertThat(client.isOpen()).isFalse();
      assertThat(client.responses()).isEmpty();
      assertThat(client.present()).isNotNull();
    }
  }

  @Nested
  class Connections {

    @Test
    void endAMinuteAfterTheLastAnswer() {
      // given
      VirtualClient client = api.connect();
      client.get(RANDOM);
      api.pass(Duration.ofSeconds(20));
      api.release(1);
      api.pass(Duration.ofSeconds(59));
      assertThat(client.isOpen()).isTrue();

      // when
      api.pass(Duration.ofSeconds(1));

      // then
      assertThat(client.isOpen()).isFalse();
      assertThat(api.sessions().events())
          .last()
          .isInstanceOfSatisfying(
              SessionEvent.Disconnected.class,
              event -> assertThat(event.reason()).isEqualTo("bye"));
    }

    @Test
    void endWithAnAnswerThatNeedsNoClient() {
      for (String target : List.of("/v1/openapi.json", "/v1/none", "/v1/random?%")) {
        // given
        VirtualClient client = api.connect();

        // when
        client.get(target);
        api.settle();

        // then
        assertThat(client.responses()).hasSize(1);
        assertThat(client.responses().getFirst().headers().get("Connection")).isEqualTo("close");
        assertThat(client.isOpen()).isFalse();
      }
    }

    @Test
    void areReplacedAtTheLimitUntilTheirClientsAreKnown() {
      // given
      VirtualApi small = new VirtualApi(List.of(), "max-connections", "2");
      VirtualClient known = small.connect();
      known.get("/v1/capabilities");
      VirtualClient rejected = small.connect();
      rejected.post("/v1/capabilities", "x".repeat(9_000));
      small.settle();
      assertThat(known.statuses()).containsExactly(200);
      assertThat(rejected.statuses()).containsExactly(413);
      assertThat(rejected.isOpen()).isTrue();

      // when
      VirtualClient next = small.connect();
      next.get("/v1/capabilities");
      small.settle();

      // then
      assertThat(rejected.isOpen()).isFalse();
      assertThat(known.isOpen()).isTrue();
      assertThat(next.statuses()).containsExactly(200);

      // when
      VirtualClient surplus = small.connect();
      small.settle();

      // then
      assertThat(surplus.isOpen()).isFalse();
      assertThat(known.isOpen() && next.isOpen()).isTrue();
      small.finish();
    }
  }

  @Nested
  class ClientsWithACeiling {

    @Test
    void shareItAmongTheirConnections() {
      // given
      VirtualApi capped = new VirtualApi(List.of(policy(0, 128L)));
      VirtualClient one = capped.connect();
      VirtualClient two = capped.connect();

      // when
      one.get("/v1/random?bytes=128");
      capped.release(3);
      capped.pass(Duration.ofSeconds(1));
      one.get("/v1/random?bytes=128");
      two.get(RANDOM);
      capped.settle();

      // then
      assertThat(one.responses().getFirst().status()).isEqualTo(200);
      assertThat(two.statuses()).containsExactly(429);
      assertThat(retryAfter(two.responses().getFirst())).isEqualTo("1");
      capped.pass(Duration.ofSeconds(1));
      two.get(RANDOM);
      capped.release(3);
      assertThat(two.statuses()).containsExactly(429, 200);
      capped.finish();
    }
  }

  @Nested
  class AnonymousMachines {

    @Test
    void areServed16AtTheSameTime() {
      // given
      VirtualApi seeds = new VirtualApi(List.of(), "pollinate.enabled", "true");
      List<VirtualClient> machines = new ArrayList<>();
      for (int i = 0; i <= 16; i++) {
        VirtualClient machine = seeds.connect();
        machine.post("/", SEED);
        seeds.settle();
        machines.add(machine);
      }

      // then
      VirtualClient surplus = machines.removeLast();
      assertThat(surplus.statuses()).containsExactly(429);
      assertThat(retryAfter(surplus.responses().getFirst())).isEqualTo("1");
      assertThat(machines).allMatch(machine -> machine.responses().isEmpty());

      // when
      seeds.release(16);

      // then
      assertThat(machines)
          .allSatisfy(machine -> {
            assertThat(machine.statuses()).containsExactly(200);
            assertThat(machine.isOpen()).isFalse();
          });
      VirtualClient next = seeds.connect();
      next.post("/", SEED);
      seeds.release(1);
      assertThat(next.statuses()).containsExactly(200);
      seeds.finish();
    }

    @Test
    void areNotAdmittedAboveTheirCeiling() {
      // given
      VirtualApi seeds =
          new VirtualApi(List.of(), "pollinate.enabled", "true", "pollinate.ceiling", "1B/s");
      seeds.release(3);

      // when
      for (int status : List.of(200, 429, 429)) {
        VirtualClient machine = seeds.connect();
        machine.post("/", SEED);
        seeds.settle();
        assertThat(machine.statuses()).containsExactly(status);
      }

      // then
      assertThat(seeds.sessions().events())
          .filteredOn(event -> event instanceof SessionEvent.Connected)
          .hasSize(1);
      seeds.finish();
    }
  }
}
