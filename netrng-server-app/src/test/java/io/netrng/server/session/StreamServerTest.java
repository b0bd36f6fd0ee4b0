// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.netrng.audit.AuditLog;
import io.netrng.protocol.CloseCode;
import io.netrng.startup.StartupException;
import io.netrng.testkit.Message;
import io.netrng.testkit.RawClient;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
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
import reactor.netty.resources.LoopResources;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Raw sockets against the real server. */
@Tag("slow")
class StreamServerTest {

  private static final long NEVER = 0xffff_ffffL;
  private static final int SIZE = TestServer.SAMPLE_SIZE;

  @TempDir Path directory;

  /** A file of which so many samples leave quarantine: one window stays behind. */
  private Path file(int samples) throws IOException {
    return Files.write(directory.resolve("file"), random(samples * SIZE + 512));
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  @Nested
  class AdmittedClients {

    @Test
    void sendsWelcomeWithTheParametersOfTheSession() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        // when
        Message.Welcome welcome = client.join("web-1");

        // then
        assertThat(welcome.version()).isEqualTo(1);
        assertThat(welcome.epoch()).isEqualTo(server.source().stream().epoch());
        assertThat(welcome.sampleSize()).isEqualTo(SIZE);
        assertThat(welcome.guarantee()).isEqualTo(TestServer.GUARANTEE);
        assertThat(welcome.keepalive()).isEqualTo(10_000);
        ClientSession session = server.session("web-1");
        assertThat(session.id()).isEqualTo(welcome.session());
        assertThat(session.address()).isEqualTo(client.address());
        assertThat(server.events()).singleElement().isEqualTo(new SessionEvent.Connected(session));
      }
    }

    @Test
    void grantsTheRequestedGuarantee() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        assertThat(client.hello(17, "a").read())
            .isInstanceOfSatisfying(
                Message.Welcome.class, w -> assertThat(w.guarantee()).isEqualTo(17));
      }
    }

    @Test
    void sendsExactlyTheRequestedNumberOfSamples() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        // given
        client.join("a");

        for (int demand : List.of(3, 1, 70)) {
          // when
          client.request(demand);

          // then no sample stands before the answer to a PING that was sent after them
          for (int i = 0; i < demand; i++) {
            assertThat(client.sample().entropy().remaining()).isEqualTo(SIZE);
          }
          assertThat(client.ping(demand).read()).isEqualTo(new Message.Pong(demand));
        }
        await("74 samples are counted").until(() -> server.session("a").delivered() == 74L * SIZE);
        assertThat(server.sessions().delivered()).isEqualTo(74L * SIZE);
      }
    }

    @Test
    void theAuditLogHasExactlyTheSamplesThatTheClientReceived() throws Exception {
      // given
      Path file = directory.resolve("audit.log");
      AuditLog audit = AuditLog.open("netrng.server.audit.file", file, 1 << 20, 2);
      List<Long> received = new ArrayList<>();
      Message.Welcome welcome;

      // when
      try (TestServer server = TestServer.start(audit);
          RawClient client = server.connect()) {
        welcome = client.join("a");
        client.request(70);
        for (int i = 0; i < 70; i++) {
          received.add(client.sample().offset());
        }
        await("all are counted").until(() -> server.session("a").delivered() == 70L * SIZE);
      }
      audit.close();

      // then
      List<Long> recorded = new ArrayList<>();
      for (String line : Files.readAllLines(file)) {
        JsonNode run = JsonMapper.shared().readTree(line);
        assertThat(run.path("type").asString()).isEqualTo("delivered");
        assertThat(run.path("epoch").asString()).isEqualTo(welcome.epoch().toString());
        assertThat(run.path("session").asString())
            .isEqualTo(Long.toUnsignedString(welcome.session()));
        assertThat(run.path("client").asString()).isEqualTo("a");
        assertThat(run.path("identity").asString()).isEqualTo("a");
        assertThat(run.path("guarantee").asLong()).isEqualTo(TestServer.GUARANTEE);
        assertThat(run.path("shortfall").asLong(-1)).isZero();
        for (long i = 0; i < run.path("size").asLong(); i += SIZE) {
          recorded.add(run.path("offset").asLong() + i);
        }
      }
      assertThat(recorded).isEqualTo(received);
    }

    @Test
    void servesRequestsThatArriveBeforeWelcomeIsSent() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        // when
        client.hello(0, "a").request(1).request(1);

        // then
        assertThat(client.read()).isInstanceOf(Message.Welcome.class);
        long first = client.sample().offset();
        assertThat(client.sample().offset()).isGreaterThan(first);
      }
    }

    @Test
    void reassemblesFramesThatArriveInPieces() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        // when
        for (String part :
            List.of("0000", "0008 01", "01 000000", "00 01", "61 000000", "05 02 0000", "0001")) {
          client.raw(part);
        }

        // then
        assertThat(client.read()).isInstanceOf(Message.Welcome.class);
        assertThat(client.sample().entropy().remaining()).isEqualTo(SIZE);
      }
    }

    @Test
    void closesTheConnectionAndEmitsDisconnectedAfterBye() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        // given
        client.join("a");
        ClientSession session = server.session("a");

        // when
        client.bye();

        // then
        assertThat(client.read()).isEqualTo(new Message.End());
        server.awaitNobody();
        assertThat(server.events()).last().isEqualTo(new SessionEvent.Disconnected(session, "bye"));
      }
    }

    @Test
    void emitsDisconnectedWhenTheConnectionIsLost() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        // given
        client.join("a");
        ClientSession session = server.session("a");

        // when
        client.reset();

        // then
        server.awaitNobody();
        assertThat(server.events())
            .last()
            .isEqualTo(new SessionEvent.Disconnected(session, "connection-lost"));
      }
    }
  }

  @Nested
  class FastDevices {

    @Test
    void deliversSamplesOfAFastDeviceInLargeBatches() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        // given
        LongAdder runs = new LongAdder();
        server.distributor().onServed(_ -> runs.increment());
        client.join("greedy");
        client.request(Integer.MAX_VALUE);

        ClientSession session = server.session("greedy");

        // when, then
        await("runs of many samples")
            .until(() -> {
              long demandBefore = session.demand();
              long runsBefore = runs.sum();
              for (int i = 0; i < 20_000; i++) {
                client.sample();
              }
              long handedOut = demandBefore - session.demand();
              return handedOut > 10_000 && handedOut > 8 * (runs.sum() - runsBefore);
            });
      }
    }
  }

  @Nested
  class SeveralClients {

    @Test
    void sendsEachSampleToOneClientOnlyWithTheBytesOfTheDevice() throws Exception {
      // given a file in which no two samples are equal
      byte[] bytes = random(300 * SIZE + 512);
      Path file = Files.write(directory.resolve("file"), bytes);
      try (TestServer server = TestServer.start(10, Duration.ofSeconds(10), file);
          RawClient one = server.connect();
          RawClient two = server.connect();
          RawClient three = server.connect()) {
        List<RawClient> clients = List.of(one, two, three);
        for (RawClient client : clients) {
          client.join("client");
        }

        // when
        Set<Long> offsets = new HashSet<>();
        for (int round = 0; round < 10; round++) {
          for (RawClient client : clients) {
            client.request(10);
          }
          for (RawClient client : clients) {
            for (int i = 0; i < 10; i++) {
              Message.Sample sample = client.sample();

              // then
              assertThat(offsets.add(sample.offset())).isTrue();
              assertThat(sample.offset() % SIZE).isZero();
              int offset = (int) sample.offset();
              assertThat(sample.entropy()).isEqualTo(ByteBuffer.wrap(bytes, offset, SIZE));
            }
          }
        }
        assertThat(offsets).hasSize(300);
      }
    }

    @Test
    void servesOtherClientsAndBoundsTheBuffersWhileOneStopsReading() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient stalled = RawClient.withSmallBuffer(server.address());
          RawClient other = server.connect()) {
        // given
        long demand = 1_000_000;
        stalled.join("stalled");
        stalled.request(demand);
        other.join("other");
        ClientSession session = server.session("stalled");
        awaitStalled(session);

        // when
        other.request(20_000);
        for (int i = 0; i < 20_000; i++) {
          assertThat(other.sample().entropy().remaining()).isEqualTo(SIZE);
        }

        // then
        long handedOut = (demand - session.demand()) * SIZE;
        assertThat(handedOut - session.delivered()).isPositive().isLessThanOrEqualTo(256 * 1024);
        assertThat(session.delivered()).as("what the kernel holds for it").isLessThan(1024 * 1024);
        long ready = server.source().stream().readySize();
        assertThat(ready).isLessThanOrEqualTo(512 * 1024 + 64 * 1024);
      }
    }
  }

  /** Waits until samples for a client wait for its socket, and none is written any more. */
  private static void awaitStalled(ClientSession session) {
    AtomicLong last = new AtomicLong(-1);
    await("the client's buffers are full")
        .during(Duration.ofMillis(300))
        .until(() -> {
          long now = session.delivered();
          return last.getAndSet(now) == now && now > 0 && session.inFlight() > 0;
        });
  }

  @Nested
  class Pings {

    @Test
    void echoesTheValueOfAPingInPong() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        client.join("a");
        assertThat(client.ping(0x0123456789abcdefL).read())
            .isEqualTo(new Message.Pong(0x0123456789abcdefL));
        assertThat(client.ping(-1).read()).isEqualTo(new Message.Pong(-1));
      }
    }

    @Test
    void mergesPendingPongsIntoTheLatestValue() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = RawClient.withSmallBuffer(server.address())) {
        // given a client that does not read
        long demand = 20_000;
        client.join("a");
        client.request(demand);
        awaitStalled(server.session("a"));

        // when
        for (int i = 1; i <= 1_000; i++) {
          client.ping(i);
        }
        List<Long> pongs = new ArrayList<>();
        int samples = 0;
        while (samples < demand || !pongs.contains(1_000L)) {
          switch (client.read()) {
            case Message.Pong(long value) -> pongs.add(value);
            case Message.Sample _ -> samples++;
            case Message other -> throw new AssertionError(other);
          }
        }

        // then one answer is under way at a time, and of the others only the latest is given
        assertThat(pongs).startsWith(1L).endsWith(1_000L).isSorted().hasSizeLessThan(1_000);
        assertThat(samples).isEqualTo((int) demand);
        assertThat(client.ping(5).read()).isEqualTo(new Message.Pong(5));
      }
    }
  }

  @Nested
  class MaximumClients {

    @Test
    void refusesAClientAboveTheMaximumUntilAnotherDisconnects() throws Exception {
      try (TestServer server =
              TestServer.start(2, Duration.ofSeconds(10), Path.of("/dev/urandom"));
          RawClient one = server.connect();
          RawClient two = server.connect()) {
        one.join("one");
        two.join("two");

        // when
        try (RawClient third = server.connect()) {
          Message.Close close = third.hello(0, "three").closed();

          // then
          assertThat(close.code()).isEqualTo(2);
          assertThat(close.retryAfter()).isBetween(2_000L, 4_000L);
          assertThat(close.reason())
              .isEqualTo("2 of 2 clients are connected: netrng.server.max-clients");
          assertThat(server.events())
              .last()
              .isEqualTo(
                  new SessionEvent.Refused(
                      CloseCode.MAX_CLIENTS,
                      close.reason(),
                      new SessionEvent.Applicant(third.address(), "three", "three")));
        }

        // when
        one.bye();
        await("the place is free").until(() -> server.sessions().clients().size() == 1);

        // then
        try (RawClient third = server.connect()) {
          assertThat(third.join("three").sampleSize()).isEqualTo(SIZE);
        }
      }
    }
  }

  @Nested
  class GuaranteeLimits {

    @ParameterizedTest
    @ValueSource(longs = {TestServer.GUARANTEE + 1, NEVER})
    void refusesAGuaranteeAboveThePolicyAsNotAuthorised(long guarantee) throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        // when
        Message.Close close = client.hello(guarantee, "a").closed();

        // then
        assertThat(close.code()).isEqualTo(3);
        assertThat(close.retryAfter()).isEqualTo(NEVER);
        assertThat(close.reason())
            .contains(
                guarantee + "B/s", TestServer.GUARANTEE + "B/s", "netrng.server.default-guarantee");
      }
    }
  }

  @Nested
  class WithoutEntropy {

    @Test
    void refusesClientsWithARetryDelayWhileNoDeviceIsReady() throws Exception {
      // given a FIFO without a writer
      Path fifo = directory.resolve("fifo");
      assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
      try (TestServer server = TestServer.start(10, Duration.ofSeconds(10), fifo);
          RawClient client = server.connect()) {
        // when
        Message.Close close = client.hello(0, "a").closed();

        // then
        assertThat(close.code()).isEqualTo(4);
        assertThat(close.retryAfter()).isBetween(1_000L, 2_000L);
        assertThat(close.reason()).isNotBlank();
      }
    }

    @Test
    void sendsCloseToCurrentAndNewClientsWhenAllFilesAreExhausted() throws Exception {
      try (TestServer server = TestServer.start(10, Duration.ofSeconds(10), file(2));
          RawClient client = server.connect()) {
        client.join("a");

        // when
        client.request(3);

        // then it gets what there is, then CLOSE, and so does who comes later
        assertThat(client.sample().offset()).isZero();
        assertThat(client.sample().offset()).isEqualTo(SIZE);
        Message.Close close = client.closed();
        assertThat(close.code()).isEqualTo(4);
        assertThat(close.retryAfter()).isEqualTo(NEVER);
        try (RawClient late = server.connect()) {
          assertThat(late.hello(0, "late").closed()).isEqualTo(close);
        }
      }
    }
  }

  @Nested
  class ProtocolErrors {

    @ParameterizedTest(name = "before HELLO: {0}")
    @CsvSource({
      "an empty frame, 00000000",
      "a frame that is too long, 00000401",
      "an unknown type, 00000001 05",
      "a server's frame, 00000009 83 0000000000000000",
      "REQUEST first, 00000005 02 00000001",
      "PING first, 00000009 03 0000000000000000",
      "BYE first, 00000001 04",
      "a bad label, 00000008 01 01 00000000 01 20",
      "an empty label, 00000007 01 01 00000000 00",
      "an HTTP request, 474554202f20485454502f312e310d0a0d0a"
    })
    void sendsCloseOnAProtocolErrorBeforeHello(String what, String bytes) throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        // when
        Message.Close close = client.raw(bytes).closed();

        // then
        assertThat(close.code()).as(what).isEqualTo(7);
        assertThat(close.retryAfter()).isEqualTo(NEVER);
        assertThat(close.reason()).isNotBlank();
        assertThat(server.events())
            .containsExactly(
                new SessionEvent.Refused(
                    CloseCode.PROTOCOL_ERROR,
                    close.reason(),
                    new SessionEvent.Applicant(client.address(), null, null)));
      }
    }

    @ParameterizedTest(name = "behind HELLO: {0}")
    @CsvSource({
      "an empty frame, 00000000",
      "a frame that is too long, 00000401",
      "an unknown type, 00000001 7f",
      "a second HELLO, 00000008 01 01 00000000 01 61",
      "a REQUEST for 0, 00000005 02 00000000",
      "a REQUEST that is short, 00000004 02 000001",
      "a PING that is long, 0000000a 03 000000000000000000",
      "a BYE with a payload, 00000002 04 00"
    })
    void sendsCloseAndEndsTheSessionOnAProtocolErrorAfterHello(String what, String bytes)
        throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        // given
        client.join("a");
        ClientSession session = server.session("a");

        // when
        Message.Close close = client.raw(bytes).closed();

        // then
        assertThat(close.code()).as(what).isEqualTo(7);
        assertThat(close.retryAfter()).isEqualTo(NEVER);
        assertThat(server.sessions().clients()).isEmpty();
        assertThat(server.events())
            .last()
            .isEqualTo(new SessionEvent.Disconnected(session, "protocol-error"));
      }
    }

    @Test
    void sendsCloseWhenNoCompleteHelloArrivesWithinFiveSeconds() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient silent = server.connect();
          RawClient slow = server.connect()) {
        // given one that says nothing and one that never comes to the end of its HELLO
        slow.raw("00000008 01 01");

        // when, then
        for (RawClient client : List.of(silent, slow)) {
          Message.Close close = client.closed();
          assertThat(close.code()).isEqualTo(7);
          assertThat(close.reason()).isEqualTo("no HELLO within 5000 ms");
        }
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"00000002 01 02", "00000008 01 00 00000000 01 61", "00000006 01 ff 00000000"})
    void refusesAnUnsupportedProtocolVersion(String hello) throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        // when
        Message.Close close = client.raw(hello).closed();

        // then
        assertThat(close.code()).isEqualTo(9);
        assertThat(close.retryAfter()).isEqualTo(NEVER);
      }
    }
  }

  @Nested
  class AfterClose {

    @Test
    void discardsInputAfterCloseAndThenClosesTheConnection() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        // given a client that sends much more than the server will look at
        client.raw("00000000");
        client.raw(new byte[4 * 1024 * 1024]);

        // when
        Message.Close close = client.closed();

        // then it was not lost in a reset, and the server does not wait for the client for ever
        assertThat(close.code()).isEqualTo(7);
        assertThat(server.sessions().connections()).isEqualTo(1);
        client.raw(new byte[1024]);
        server.awaitNobody();
      }
    }

    @Test
    void closesTheConnectionEvenIfTheClientNeverReadsTheClose() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = RawClient.withSmallBuffer(server.address())) {
        // given
        client.join("a");
        client.request(1_000_000);
        awaitStalled(server.session("a"));

        // when
        client.raw("00000000");

        // then
        server.awaitNobody();
      }
    }

    @Test
    void releasesAConnectionThatTheClientClosesAfterClose() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        // given
        client.raw("00000000").closed();

        // when
        client.disconnect();

        // then
        server.awaitNobody();
      }
    }
  }

  @Nested
  class Keepalive {

    @Test
    void closesASessionAfterThreeKeepaliveIntervalsWithoutInput() throws Exception {
      try (TestServer server =
              TestServer.start(10, Duration.ofSeconds(1), Path.of("/dev/urandom"));
          RawClient client = server.connect()) {
        // given
        assertThat(client.join("a").keepalive()).isEqualTo(1_000);
        ClientSession session = server.session("a");

        // when
        Message.Close close = client.closed();

        // then
        assertThat(close.code()).isEqualTo(8);
        assertThat(close.retryAfter()).isZero();
        assertThat(close.reason()).isEqualTo("nothing was heard for 3 s");
        assertThat(server.events())
            .last()
            .isEqualTo(new SessionEvent.Disconnected(session, "keepalive-missed"));
      }
    }

    @Test
    void aPingPreventsTheKeepaliveTimeout() throws Exception {
      try (TestServer server =
              TestServer.start(10, Duration.ofSeconds(1), Path.of("/dev/urandom"));
          RawClient client = server.connect()) {
        // given
        client.join("a");

        // when, then
        await("each PING is answered for longer than three keepalives")
            .pollInterval(Duration.ofMillis(500))
            .during(Duration.ofSeconds(4))
            .until(() -> client.ping(1).read().equals(new Message.Pong(1)));
      }
    }
  }

  @Nested
  class WhenItStops {

    @Test
    void sendsCloseWithAShortRetryDelayToEveryConnectionWhenItStops() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient one = server.connect();
          RawClient two = server.connect();
          RawClient third = server.connect()) {
        // given two that are let in, and one that has said nothing yet
        one.join("one");
        two.join("two");
        await("all three are connected").until(() -> server.sessions().connections() == 3);
        Thread stopping = Thread.ofPlatform().start(server::stop);

        // when, then
        for (RawClient client : List.of(one, two, third)) {
          Message.Close close = client.closed();
          assertThat(close.code()).isEqualTo(6);
          assertThat(close.retryAfter()).isBetween(1_000L, 5_000L);
          client.disconnect();
        }
        stopping.join();
        assertThat(server.listener().isRunning()).isFalse();
        assertThat(server.listener().address()).isNull();
        server.awaitNobody();
      }
    }

    @Test
    void stopsEvenIfAClientDoesNotCloseItsConnection() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        client.join("a");

        // when
        server.stop();

        // then
        server.awaitNobody();
        assertThat(client.closed().code()).isEqualTo(6);
      }
    }
  }

  @Nested
  class ConnectionChurn {

    @Test
    void releasesAllSessionsAfterManyConnectsAndDisconnects() throws Exception {
      try (TestServer server = TestServer.start()) {
        // when
        for (int i = 0; i < 600; i++) {
          RawClient client = server.connect();
          switch (i % 4) {
            case 0 -> client.hello(0, "reset").reset();
            case 1 -> client.hello(0, "reset").request(10).reset();
            case 2 -> client.hello(0, "close").request(10).disconnect();
            default -> client.reset();
          }
        }

        // then
        await("all that connected have disconnected")
            .untilAsserted(() -> {
              List<SessionEvent> events = List.copyOf(server.events());
              long came = events.stream().filter(SessionEvent.Connected.class::isInstance).count();
              long left =
                  events.stream().filter(SessionEvent.Disconnected.class::isInstance).count();
              assertThat(left).isEqualTo(came).isPositive();
              assertThat(server.sessions().connections()).isZero();
              assertThat(server.sessions().clients()).isEmpty();
            });
        Set<ClientSession> present = new HashSet<>();
        for (SessionEvent event : server.events()) {
          switch (event) {
            case SessionEvent.Connected(ClientSession session) -> present.add(session);
            case SessionEvent.Disconnected(ClientSession session, String _) ->
                assertThat(present.remove(session)).as("it came before it left").isTrue();
            case SessionEvent.Changed _, SessionEvent.Refused _ -> {}
          }
        }
      }
    }
  }

  @Nested
  class HoldsDuringAdmission {

    @Test
    void kicksAClientThatIsPutOnHoldDuringItsAdmission() throws Exception {
      try (TestServer server = TestServer.start();
          RawClient client = server.connect()) {
        // given an administrator who is faster than the session's registration
        server.whileAdmitting(() -> server.sessions().holds().add("a", "a", Duration.ofMinutes(1)));

        // when
        client.join("a");

        // then
        Message.Close close = client.closed();
        assertThat(close.code()).isEqualTo(CloseCode.KICKED.code());
        assertThat(close.retryAfter()).isBetween(50_000L, 60_000L);
        server.awaitNobody();
      }
    }
  }

  @Nested
  @ExtendWith(OutputCaptureExtension.class)
  class FailingChecks {

    @Test
    void repeatsAFailingCheckOfTheStreamAndLogsTheFailureOnce(CapturedOutput output) {
      try (TestServer server = TestServer.start()) {
        // given
        AtomicInteger failures = new AtomicInteger();

        // when
        server.capacity(() -> {
          failures.incrementAndGet();
          throw new IllegalStateException("a fault");
        });

        // then
        await("the checks go on").until(() -> failures.get() >= 3);
        assertThat(output.getOut().split("check of the stream failed", -1)).hasSize(2);
      }
    }
  }

  @Nested
  @ExtendWith(OutputCaptureExtension.class)
  class LogLines {

    @Test
    void limitsConnectAndDisconnectLogLinesToFiftyEachPerTenSeconds(CapturedOutput output)
        throws Exception {
      try (TestServer server = TestServer.start()) {
        // when
        for (int i = 0; i < 60; i++) {
          try (RawClient client = server.connect()) {
            client.join("a");
          }
        }

        // then
        await("all have left").until(() -> server.events().size() == 120);
        assertThat(output.getOut().split("client connected", -1)).hasSize(51);
        assertThat(output.getOut().split("client disconnected", -1)).hasSize(51);
      }
    }
  }

  @Nested
  class WildcardAddresses {

    @ParameterizedTest
    @CsvSource({
      "0.0.0.0, 127.0.0.1, true",
      "0.0.0.0, ::1, false",
      "::, 127.0.0.1, true",
      "::, ::1, true"
    })
    void listenOnTheirProtocolFamilies(String bindAddress, String address, boolean isAccepted)
        throws Exception {
      try (TestServer other = TestServer.start()) {
        StreamServer server =
            listener(TestServer.properties(bindAddress, 0, 1, Duration.ofSeconds(1)), other);
        server.start();
        try (Socket client = new Socket()) {
          InetSocketAddress target = new InetSocketAddress(address, portOf(server));
          if (isAccepted) {
            client.connect(target);
            assertThat(client.isConnected()).isTrue();
          } else {
            assertThatExceptionOfType(ConnectException.class)
                .isThrownBy(() -> client.connect(target));
          }
        } finally {
          server.stop();
        }
      }
    }

    @Test
    void openSocketsOfIpv4WithTheTransportOfTheJdk() throws Exception {
      LoopResources loops = LoopResources.create("test", 1, true);
      EventLoopGroup group = loops.onServer(false);
      ServerSocketChannel channel =
          new Ipv4LoopResources(loops).onChannel(ServerSocketChannel.class, group);
      try {
        group.register(channel).sync();
        channel.bind(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0)).sync();
        assertThat(channel).isInstanceOf(NioServerSocketChannel.class);
        try (Socket client = new Socket()) {
          int port = channel.localAddress().getPort();
          assertThatExceptionOfType(ConnectException.class)
              .isThrownBy(
                  () -> client.connect(new InetSocketAddress(InetAddress.ofLiteral("::1"), port)));
        }
      } finally {
        channel.close().sync();
        loops.dispose();
      }
    }
  }

  private static int portOf(StreamServer server) {
    return Objects.requireNonNull(server.address(), "not listening").getPort();
  }

  private static StreamServer listener(SessionProperties properties, TestServer other) {
    return TestServer.listener(
        properties,
        TestServer.limits(),
        TestServer.security(TestServer.SECURITY),
        other.sessions(),
        new TcpListeners(
            TestServer.limits(), other.sessions().admission(), other.listeners().loops()),
        other.distributor(),
        other.source());
  }

  @Nested
  class UnusableBindAddresses {

    private void fails(SessionProperties properties, TestServer other) {
      StreamServer server = listener(properties, other);
      assertThatExceptionOfType(StartupException.class)
          .isThrownBy(server::start)
          .withMessageStartingWith(
              "netrng.server.bind-address = %s, netrng.server.port = %d cannot be listened on: ",
              properties.bindAddress(), properties.port())
          .satisfies(e -> assertThat(e.cure()).contains("netrng.server.port"));
      assertThat(server.isRunning()).isFalse();
    }

    @Test
    void failsToStartWhenThePortIsInUse() throws Exception {
      try (TestServer other = TestServer.start()) {
        fails(TestServer.properties(other.address().getPort(), 1, Duration.ofSeconds(1)), other);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.1", "no-such-host.invalid"})
    void failsToStartWhenTheBindAddressIsNotLocalOrDoesNotResolve(String address) throws Exception {
      try (TestServer other = TestServer.start()) {
        fails(TestServer.properties(address, 0, 1, Duration.ofSeconds(1)), other);
      }
    }
  }
}
