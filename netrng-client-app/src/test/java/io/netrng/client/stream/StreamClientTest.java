// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.audit.AuditLog;
import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.FeedBuffers;
import io.netrng.client.sink.SinkKind;
import io.netrng.client.stream.FakeServer.Connection;
import io.netrng.testkit.Message;
import io.netrng.tls.KeyExchange;
import io.netrng.unit.DataRate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class StreamClientTest {

  private static final int SIZE = 2_048;
  private static final int KEEPALIVE = 10_000;
  private static final int NEVER = -1;
  private static final StreamTimings TIMINGS =
      new StreamTimings(
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofMillis(400),
          Duration.ofMillis(300),
          Duration.ofMillis(700),
          Duration.ofSeconds(5),
          Duration.ofMillis(400),
          Duration.ofSeconds(1));

  private final FakeServer server = new FakeServer();
  private final FeedBuffer feed = FeedBuffers.open(5 * SIZE);
  @TempDir private Path directory;
  private AuditLog audit = AuditLog.off();
  private StreamClient client = client(DataRate.UNLIMITED, server.address());

  private StreamClient client(DataRate maxRate, ServerAddress... servers) {
    StreamProperties properties =
        new StreamProperties(
            List.of(servers),
            "tester",
            new DataRate(64),
            maxRate,
            false,
            new StreamProperties.Tls(null, null, KeyExchange.HYBRID_PREFERRED),
            false,
            null,
            SinkKind.RNGD,
            StreamProperties.Combine.ONE);
    return new StreamClient(properties, feed, TIMINGS, null, InetAddress::getAllByName, audit);
  }

  @AfterEach
  void stop() throws Exception {
    stopClient();
    client.close();
    server.close();
  }

  private void stopClient() throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    client.stop(stopped::countDown);
    assertThat(stopped.await(5, TimeUnit.SECONDS)).as("stopped in time").isTrue();
    assertThat(client.status().state()).isInstanceOf(StreamState.Stopped.class);
  }

  private Connection welcomed() throws IOException {
    client.start();
    Connection connection = server.greeted();
    connection.welcome(SIZE, 64, KEEPALIVE);
    return connection;
  }

  private static byte[] entropy(int seed) {
    byte[] entropy = new byte[SIZE];
    Arrays.fill(entropy, (byte) seed);
    return entropy;
  }

  private StreamState.Waiting awaitWaiting() {
    await("the client waits").until(() -> client.status().state() instanceof StreamState.Waiting);
    return (StreamState.Waiting) client.status().state();
  }

  @Nested
  class Greeting {

    @Test
    void sendsHelloWithVersionGuaranteeAndLabel() throws IOException {
      client.start();
      assertThat(server.greeted().hello()).isEqualTo(new Message.Hello(1, 64, "tester"));
    }

    @Test
    void streamsAfterWelcome() throws IOException {
      welcomed().expectRequest();
      assertThat(client.status().state())
          .isEqualTo(
              new StreamState.Streaming(
                  server.address(), 42, FakeServer.EPOCH, SIZE, 64, Optional.empty()));
      assertThat(client.status().dueTime()).contains(Duration.ofMillis(117_187));
    }

    @Test
    void disconnectsFromAServerThatDoesNotAnswerHello() throws IOException {
      client.start();
      Connection connection = server.greeted();
      assertThat(connection.isClosedByClient()).isTrue();
      assertThat(awaitWaiting().why()).contains("no-welcome");
      server.greeted();
    }

    @Test
    void retriesAnUnreachableServer() throws IOException {
      server.close();
      client.start();
      assertThat(awaitWaiting().why()).contains("unreachable").contains("refused");
      try (FakeServer another = new FakeServer(server.address().port())) {
        another.greeted();
      }
    }
  }

  @Nested
  class Addresses {

    private static final String NAME = "rng.example.org";

    private final List<String> lookups = new CopyOnWriteArrayList<>();

    private void start(SystemResolver.Lookup lookup, ServerAddress... servers) {
      client.close();
      StreamProperties properties =
          new StreamProperties(
              List.of(servers),
              "tester",
              new DataRate(0),
              DataRate.UNLIMITED,
              true,
              new StreamProperties.Tls(null, null, KeyExchange.HYBRID_PREFERRED),
              false,
              null,
              SinkKind.RNGD,
              StreamProperties.Combine.ONE);
      client =
          new StreamClient(
              properties,
              feed,
              TIMINGS,
              null,
              host -> {
                lookups.add(host);
                return lookup.addressesOf(host);
              },
              audit);
      client.start();
    }

    private ServerAddress named() {
      return new ServerAddress(NAME, server.address().port());
    }

    private static InetAddress[] addresses(String... literals) throws UnknownHostException {
      InetAddress[] addresses = new InetAddress[literals.length];
      for (int i = 0; i < literals.length; i++) {
        addresses[i] = InetAddress.ofLiteral(literals[i]);
      }
      return addresses;
    }

    @Test
    void connectsToTheNextAddressIfTheFirstIsUnreachable() throws Exception {
      // given nobody listens at the first two
      start(_ -> addresses("127.0.0.9", "127.0.0.8", "127.0.0.1"), named());

      // when
      Connection connection = server.greeted();
      connection.welcome(SIZE, 64, KEEPALIVE);

      // then
      assertThat(connection.expectRequest()).isEqualTo(5);
      assertThat(client.status().state()).isInstanceOf(StreamState.Streaming.class);
      assertThat(client.status().stateOf(named())).isEqualTo(ServerState.STREAMING);
    }

    @Test
    void opensASessionAtTheNextAddressAfterARefusal() throws Exception {
      try (FakeServer other =
          new FakeServer(new InetSocketAddress("127.0.0.9", server.address().port()))) {
        start(_ -> addresses("127.0.0.9", "127.0.0.1"), named());
        other.greeted().closing(1, 60_000, "full");

        Connection connection = server.greeted();
        connection.welcome(SIZE, 64, KEEPALIVE);
        connection.expectRequest();
        connection.sample(0, entropy(1));

        await("the sample is there").until(() -> client.status().receivedBytes() == SIZE);
      }
    }

    @Test
    void resolvesTheNameAgainForEachAttempt() throws Exception {
      start(_ -> addresses(lookups.size() < 3 ? "127.0.0.9" : "127.0.0.1"), named());
      server.greeted();
      assertThat(lookups).containsExactly(NAME, NAME, NAME);
    }

    @Test
    void reportsANameThatDoesNotExistAsUnresolved() {
      start(
          host -> {
            throw new UnknownHostException(host + ": Name or service not known");
          },
          named());
      assertThat(awaitWaiting().why()).contains("unresolved: " + NAME + ": Name or service not");
    }

    @Test
    void triesOtherServersIfALookupHangs() throws Exception {
      // given
      CountDownLatch released = new CountDownLatch(1);
      ServerAddress hanging = new ServerAddress("hangs.example.org", 1);
      start(
          host -> {
            if (host.equals(hanging.host())) {
              try {
                released.await();
              } catch (InterruptedException e) {
                throw new UnknownHostException("stopped");
              }
            }
            return addresses("127.0.0.1");
          },
          hanging,
          named());

      // when
      Connection connection = server.greeted();
      connection.closing(1, 60_000, "full");

      // then
      assertThat(awaitWaiting().server()).isEqualTo(hanging);
      await("the lookup is asked for again and still hangs")
          .until(() ->
              client.status().state() instanceof StreamState.Waiting waiting
                  && waiting.why().contains("has not answered for 2000 ms"));
      assertThat(lookups).as("one lookup of a name at a time").containsOnlyOnce(hanging.host());
      released.countDown();
    }
  }

  @Nested
  class Demand {

    @Test
    void requestsNoMoreSamplesThanTheBufferHolds() throws Exception {
      Connection connection = welcomed();
      assertThat(connection.expectRequest()).isEqualTo(5);
      for (int i = 0; i < 5; i++) {
        connection.sample((long) i * SIZE, entropy(i + 1));
      }
      await("the buffer is full").until(() -> client.status().receivedBytes() == 5 * SIZE);

      ByteBuffer taken = FeedBuffers.take(feed);

      assertThat(taken.remaining()).isEqualTo(4 * 2_500);
      for (int i = 0; i < taken.limit(); i++) {
        assertThat(taken.get(i)).isEqualTo((byte) (i / SIZE + 1));
      }
      assertThat(connection.expectRequest()).isEqualTo(4);
    }

    @Test
    void assemblesASampleFromPieces() throws Exception {
      Connection connection = welcomed();
      connection.expectRequest();
      byte[] frame = new Message.Sample(0, ByteBuffer.wrap(entropy(7))).bytes();
      connection.raw(Arrays.copyOf(frame, 5));
      for (int at = 5; at < frame.length; at += 100) {
        connection.raw(Arrays.copyOfRange(frame, at, Math.min(at + 100, frame.length)));
      }
      await("the sample is there").until(() -> client.status().receivedBytes() == SIZE);
    }
  }

  @Nested
  class Faults {

    @ParameterizedTest
    @CsvSource({
      "15, 10000",
      "65537, 10000",
      "2048, 999",
      "2048, 600001",
      "0, 0",
    })
    void anUnacceptableWelcomeEndsTheSession(int sampleSize, int keepalive) throws IOException {
      client.start();
      Connection connection = server.greeted();
      connection.welcome(sampleSize, 0, keepalive);
      assertThat(connection.isClosedByClient()).isTrue();
      assertThat(awaitWaiting().why()).contains("protocol-error");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "00000000", // empty
          "0001001182", // too long
          "0000000599", // unknown
          "0000000101", // a client's
          "00000009830000000000000001", // PONG before WELCOME
        })
    void aMalformedFrameEndsTheSession(String hex) throws IOException {
      client.start();
      Connection connection = server.greeted();
      connection.raw(hex);
      assertThat(connection.isClosedByClient()).isTrue();
      assertThat(awaitWaiting().why()).contains("protocol-error");
    }

    @Test
    void aSampleThatWasNotRequestedEndsTheSession() throws IOException {
      Connection connection = welcomed();
      connection.expectRequest();
      for (int i = 0; i < 6; i++) {
        connection.sample((long) i * SIZE, entropy(1));
      }
      assertThat(connection.isClosedByClient()).isTrue();
      assertThat(awaitWaiting().why()).contains("a sample that was not asked for");
      assertThat(client.status().receivedBytes()).isEqualTo(5 * SIZE);
    }

    @Test
    void aSampleBeforeWelcomeEndsTheSession() throws IOException {
      client.start();
      Connection connection = server.greeted();
      connection.sample(0, entropy(1));
      assertThat(connection.isClosedByClient()).isTrue();
      assertThat(client.status().receivedBytes()).isZero();
    }

    @Test
    void aSampleOfAnotherSizeEndsTheSession() throws IOException {
      Connection connection = welcomed();
      connection.expectRequest();
      connection.sample(0, new byte[SIZE - 1]);
      assertThat(connection.isClosedByClient()).isTrue();
      assertThat(awaitWaiting().why()).contains("a sample of 2047 bytes");
    }

    @Test
    void aSecondWelcomeEndsTheSession() throws IOException {
      Connection connection = welcomed();
      connection.welcome(SIZE, 64, KEEPALIVE);
      assertThat(connection.isClosedByClient()).isTrue();
      assertThat(awaitWaiting().why()).contains("a second WELCOME");
    }

    @Test
    void reconnectsAfterAConnectionThatBreaksInTheMiddleOfASample() throws Exception {
      Connection connection = welcomed();
      connection.expectRequest();
      connection.raw("0000080982000000000000000001020304");
      connection.disconnect();
      Connection next = server.greeted();
      next.welcome(SIZE, 64, KEEPALIVE);
      assertThat(next.expectRequest()).isEqualTo(5);
    }
  }

  @Nested
  class Audit {

    @Test
    void theAuditLogHasTheRangesThatWereReceived() throws Exception {
      // given
      Path file = directory.resolve("audit.log");
      client.close();
      audit = AuditLog.open("netrng.client.audit.file", file, 1 << 20, 2);
      client = client(DataRate.UNLIMITED, server.address());
      Connection connection = welcomed();
      connection.expectRequest();

      // when
      connection.sample(0, entropy(1));
      connection.sample(SIZE, entropy(2));
      connection.sample(9 * SIZE, entropy(3));

      // then
      await("all are received").until(() -> client.status().receivedBytes() == 3 * SIZE);
      audit.close();
      assertThat(Files.readAllLines(file))
          .extracting(line -> line.replaceFirst("\\{\"at\":\"[^\"]+Z\",", ""))
          .containsExactly(record(0, 2 * SIZE), record(9 * SIZE, SIZE));
    }

    private String record(long offset, int size) {
      return ("\"type\":\"received\",\"epoch\":\"%s\",\"offset\":%d,\"size\":%d,\"session\":\"42\","
              + "\"server\":\"%s\",\"guarantee\":64}")
          .formatted(FakeServer.EPOCH, offset, size, server.address());
    }
  }

  @Nested
  class Refusals {

    @Test
    void waitsForTheRetryAfterAndShowsTheReason() throws IOException {
      client.start();
      Instant refused = Instant.now();
      server.greeted().closing(2, 1_500, "100 clients,\nthe maximum");
      StreamState.Waiting waiting = awaitWaiting();
      assertThat(waiting.why()).contains("max-clients: 100 clients,?the maximum");
      assertThat(waiting.until()).isAfterOrEqualTo(refused.plusMillis(1_500));
      server.greeted();
    }

    @Test
    void aReloadEndsThePauseAfterARefusalAtOnce() throws IOException {
      client.start();
      server.greeted().closing(3, NEVER, "who are you?");
      awaitWaiting();

      client.retryNow();

      server.greeted().welcome(SIZE, 64, KEEPALIVE);
    }
  }

  @Nested
  class SeveralServers {

    private final FakeServer lesser = new FakeServer();

    @AfterEach
    void close() throws IOException {
      lesser.close();
    }

    @Test
    void showsTheStateOfEachServer() throws Exception {
      // given
      client.close();
      client = client(DataRate.UNLIMITED, server.address(), lesser.address());
      client.start();
      Connection first = server.greeted();
      assertThat(client.status().servers()).containsExactly(server.address(), lesser.address());
      assertThat(client.status().stateOf(server.address())).isEqualTo(ServerState.CONNECTING);
      assertThat(client.status().stateOf(lesser.address())).isEqualTo(ServerState.STANDBY);

      // when
      first.closing(1, 60_000, "full");

      // then
      Connection second = lesser.greeted();
      assertThat(client.status().stateOf(server.address())).isEqualTo(ServerState.WAITING);
      assertThat(client.status().stateOf(lesser.address())).isEqualTo(ServerState.CONNECTING);
      second.welcome(SIZE, 64, KEEPALIVE);
      second.expectRequest();
      assertThat(client.status().stateOf(server.address())).isEqualTo(ServerState.WAITING);
      assertThat(client.status().stateOf(lesser.address())).isEqualTo(ServerState.STREAMING);
    }

    @Test
    void switchesToTheNextServerIfTheFirstSendsNothing() throws Exception {
      client.close();
      client = client(DataRate.UNLIMITED, server.address(), lesser.address());
      client.start();
      Connection first = server.greeted();
      // Three samples are due within 6 ms, and the keepalive is the longest there is.
      first.welcome(SIZE, 1_000_000, 600_000);
      first.expectRequest();

      Connection second = lesser.greeted();
      second.welcome(SIZE, 64, KEEPALIVE);
      second.expectRequest();

      assertThat(first.isClosedByClient()).isTrue();
      assertThat(client.status().stateOf(lesser.address())).isEqualTo(ServerState.STREAMING);
    }

    @Nested
    class Returning {

      /** The burst of both servers fits. */
      private final FeedBuffer wide = FeedBuffers.open(20 * SIZE);

      private Connection atLesser;

      /** The preferred server was full for a moment. */
      @BeforeEach
      void streamFromTheLesser() throws IOException {
        client.close();
        client =
            new StreamClient(
                new StreamProperties(
                    List.of(server.address(), lesser.address()),
                    "tester",
                    new DataRate(0),
                    new DataRate(4_096),
                    false,
                    new StreamProperties.Tls(null, null, KeyExchange.HYBRID_PREFERRED),
                    false,
                    null,
                    SinkKind.RNGD,
                    StreamProperties.Combine.ONE),
                wide,
                TIMINGS,
                null,
                InetAddress::getAllByName,
                audit);
        client.start();
        server.greeted().closing(1, 0, "full");
        atLesser = lesser.greeted();
        atLesser.welcome(SIZE, 64, KEEPALIVE);
        assertThat(atLesser.expectRequest()).isEqualTo(4);
      }

      private void theLesserStillFeeds() throws IOException {
        long before = client.status().receivedBytes();
        atLesser.sample(before, entropy(1));
        await("the sample is there").until(() -> client.status().receivedBytes() == before + SIZE);
        assertThat(client.status().stateOf(lesser.address())).isEqualTo(ServerState.STREAMING);
      }

      @Test
      void staysAtTheLesserServerIfThePreferredServerRefuses() throws Exception {
        server.greeted().closing(1, 60_000, "full");

        await("it is left in peace")
            .until(() -> client.status().stateOf(server.address()) == ServerState.WAITING);
        theLesserStillFeeds();
        assertThat(client.status().failures("capacity")).isEqualTo(2);
        assertThat(client.status().failbacks()).isZero();
      }

      @Test
      void staysAtTheLesserServerIfThePreferredServerSendsNothing() throws Exception {
        Connection preferred = server.greeted();
        preferred.welcome(SIZE, 1_000_000, KEEPALIVE);
        assertThat(preferred.expectRequest()).isEqualTo(1);

        assertThat(preferred.isClosedByClient()).isTrue();

        await("it is counted").until(() -> client.status().failures("starved") == 1);
        theLesserStillFeeds();
        assertThat(client.status().failbacks()).isZero();
      }

      @Test
      void continuesWithTheTrialSessionIfTheLesserServerDisconnects() throws Exception {
        Connection preferred = server.greeted();
        preferred.welcome(SIZE, 64, KEEPALIVE);

        atLesser.disconnect();

        assertThat(preferred.expectRequest()).isPositive();
        await("it has taken over")
            .until(() -> client.status().stateOf(server.address()) == ServerState.STREAMING);
      }

      @Test
      void disconnectsFromBothServersWhenItStopsDuringATrial() throws Exception {
        Connection preferred = server.greeted();
        preferred.welcome(SIZE, 64, KEEPALIVE);

        stopClient();

        assertThat(preferred.isClosedByClient()).isTrue();
        assertThat(atLesser.saysByeAndCloses()).isTrue();
      }
    }

    @Test
    void waitsForTheServerWhosePauseEndsFirst() throws Exception {
      client.close();
      client = client(DataRate.UNLIMITED, server.address(), lesser.address());
      client.start();
      server.greeted().closing(4, 60_000, "starting");
      lesser.greeted().closing(6, 1_000, "stopping");
      assertThat(awaitWaiting().server()).isEqualTo(lesser.address());
      lesser.greeted();
    }
  }

  @Nested
  class Keepalive {

    @Test
    void staysAtAServerThatAnswersPings() throws IOException {
      client.start();
      Connection connection = server.greeted();
      connection.welcome(SIZE, 64, 1_000);
      connection.expectRequest();
      for (int i = 0; i < 4; i++) {
        connection.send(new Message.Pong(connection.expect(Message.Ping.class).value()));
      }
      assertThat(client.status().state()).isInstanceOf(StreamState.Streaming.class);
    }
  }

  @Nested
  class Stopping {

    @Test
    void sendsByeAndClosesTheConnectionWhenItStops() throws Exception {
      Connection connection = welcomed();
      connection.expectRequest();
      stopClient();
      connection.expect(Message.Bye.class);
      assertThat(connection.isClosedByClient()).isTrue();
    }

    @Test
    void stopsDuringThePauseAfterARefusal() throws Exception {
      client.start();
      server.greeted().closing(3, NEVER, "");
      awaitWaiting();
      stopClient();
    }
  }
}
