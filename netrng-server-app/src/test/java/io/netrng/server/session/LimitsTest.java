// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.protocol.CloseCode;
import io.netrng.server.session.AcceptLimiter.Pause;
import io.netrng.testkit.Message;
import io.netrng.testkit.RawClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Raw sockets against the real server with narrow limits. */
@Tag("slow")
class LimitsTest {

  private final List<RawClient> clients = new ArrayList<>();

  private RawClient connect(TestServer server) throws IOException {
    RawClient client = server.connect();
    clients.add(client);
    return client;
  }

  @AfterEach
  void disconnect() throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
  }

  private static TestServer start(String... limits) {
    return TestServer.start(100, TestServer.limits(limits));
  }

  @Nested
  class HelloTimeout {

    @Test
    void closesConnectionsWithoutACompleteHelloWithinTheConfiguredTimeout() throws Exception {
      try (TestServer server = start("hello-timeout", "1s")) {
        // given one that is let in, one that says nothing and one that stops in the middle
        connect(server).join("a");
        RawClient silent = connect(server);
        RawClient slow = connect(server).raw("00000008 01 01");

        // when, then
        for (RawClient client : List.of(silent, slow)) {
          Message.Close close = client.closed();
          assertThat(close.code()).isEqualTo(CloseCode.PROTOCOL_ERROR.code());
          assertThat(close.reason()).isEqualTo("no HELLO within 1000 ms");
        }
        assertThat(server.sessions().hellosTimedOut()).isEqualTo(2);
        assertThat(server.sessions().clients()).hasSize(1);
      }
    }
  }

  @Nested
  class ConnectionsFromAnAddress {

    @Test
    void sendsCloseAboveTheLimitPerAddressAndDropsAboveTwiceTheLimit() throws Exception {
      try (TestServer server = start("connections-per-address", "2", "hello-timeout", "1m")) {
        // given a client and an unauthenticated connection
        RawClient client = connect(server);
        client.join("a");
        RawClient unauthenticated = connect(server);
        await("both are counted")
            .until(() -> server.listeners().addressLimiter().connections() == 2);

        // when many more come, who stay when they are refused
        List<RawClient> more = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          more.add(connect(server));
        }

        // then
        for (RawClient refused : more.subList(0, 2)) {
          Message.Close close = refused.closed();
          assertThat(close.code()).isEqualTo(CloseCode.TOO_MANY_CONNECTIONS.code());
          assertThat(close.retryAfter()).isBetween(2_000L, 60_000L);
          assertThat(close.reason())
              .isEqualTo(
                  "2 of 2 connections from this address are taken:"
                      + " netrng.server.limits.connections-per-address");
        }
        assertThat(more.getLast().read()).isEqualTo(new Message.End());
        assertThat(server.events())
            .contains(
                new SessionEvent.Refused(
                    CloseCode.TOO_MANY_CONNECTIONS,
                    "2 of 2 connections from this address are taken:"
                        + " netrng.server.limits.connections-per-address",
                    new SessionEvent.Applicant(more.getFirst().address(), null, null)))
            .hasSizeLessThan(12);

        // and when that connection closes, its place is free
        unauthenticated.disconnect();
        await("the place is free")
            .until(() -> connect(server).hello(0, "b").read() instanceof Message.Welcome);
        assertThat(client.ping(1).read()).isEqualTo(new Message.Pong(1));
      }
    }

    @Test
    void doesNotLimitConnectionsFromLoopbackByDefault() throws Exception {
      try (TestServer server = TestServer.start(3, TestServer.limits())) {
        // given more unauthenticated connections than clients are allowed
        for (int i = 0; i < 20; i++) {
          connect(server);
        }
        await("all are there").until(() -> server.listeners().addressLimiter().connections() == 20);

        // when, then
        for (int i = 0; i < 3; i++) {
          connect(server).join("client-" + i);
        }
        assertThat(connect(server).hello(0, "d").closed().code())
            .isEqualTo(CloseCode.MAX_CLIENTS.code());
      }
    }
  }

  @Nested
  class AcceptRate {

    @Test
    void delaysConnectionsAboveTheAcceptRateAndStillServesConnectedClients() throws Exception {
      try (TestServer server = start("accept-rate", "8")) {
        // given
        RawClient in = connect(server);
        in.join("in");
        long since = System.nanoTime();

        // when four times as many come at once, where a second's worth is taken without a wait
        List<RawClient> crowd = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
          crowd.add(connect(server).hello(0, "crowd-" + i));
        }
        assertThat(in.ping(1).read()).isEqualTo(new Message.Pong(1));
        assertThat(server.listeners().addressLimiter().connections()).isLessThan(33);

        // then
        for (RawClient one : crowd) {
          assertThat(one.read()).isInstanceOf(Message.Welcome.class);
        }
        double paused = server.listeners().acceptLimiter().pausedSeconds(Pause.RATE);
        double seconds = (System.nanoTime() - since) / 1e9;
        assertThat(seconds).isGreaterThan(2.5);
        assertThat(paused).isBetween(1.0, seconds);
        assertThat(server.listeners().acceptLimiter().pausedSeconds(Pause.FAILURE)).isZero();
        assertThat(server.events()).allMatch(SessionEvent.Connected.class::isInstance);
      }
    }
  }

  @Nested
  class FrameSize {

    @Test
    void rejectsAFrameAboveTheConfiguredSize() throws Exception {
      try (TestServer server = start("frame-size", "71B")) {
        // given the longest HELLO that there is
        connect(server).join("a".repeat(64));

        // when
        Message.Close close = connect(server).raw("00000048").closed();

        // then
        assertThat(close.code()).isEqualTo(CloseCode.PROTOCOL_ERROR.code());
        assertThat(close.reason()).isEqualTo("a frame of length 72, at most 71");
      }
    }
  }

  @Nested
  class WriteBuffers {

    private void holds(long least, long most, TestServer server) throws IOException {
      RawClient stalled = RawClient.withSmallBuffer(server.address());
      clients.add(stalled);
      stalled.join("a");

      // when
      stalled.request(100_000);

      // then
      await("it is filled up and stays so")
          .during(Duration.ofMillis(300))
          .atMost(Duration.ofSeconds(20))
          .until(() -> {
            long held = server.sessions().inFlight();
            return held >= least && held <= most;
          });

      // and when it leaves, nothing of it is left
      stalled.disconnect();
      server.awaitNobody();
      assertThat(server.sessions().inFlight()).isZero();
    }

    @Test
    void buffersNoMoreThanTheConfiguredSizeForAClientThatDoesNotRead() throws Exception {
      try (TestServer server = start("write-buffer", "16KB")) {
        holds(12 * 1024, 16 * 1024, server);
      }
    }

    @Test
    void releasesTheBufferOfAClientThatSendsByeTogetherWithItsRequest() throws Exception {
      try (TestServer server = start()) {
        // when clients leave in the packet in which they ask
        for (int i = 0; i < 20; i++) {
          connect(server).raw("00000008 01 01 00000000 01 61 00000005 02 00000064 00000001 04");
        }

        // then
        await("all have come").until(() -> server.events().size() == 40);
        server.awaitNobody();
        assertThat(server.sessions().inFlight()).isZero();
      }
    }

    @Test
    void buffersAtLeastOneSampleAtTheMinimumSizeOfTheWriteBuffer() throws Exception {
      try (TestServer server = start("write-buffer", "1KB")) {
        holds(TestServer.SAMPLE_SIZE, 2 * TestServer.SAMPLE_SIZE, server);
      }
    }
  }
}
