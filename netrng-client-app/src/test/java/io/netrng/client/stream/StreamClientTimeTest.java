// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.audit.AuditLog;
import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.FeedBuffers;
import io.netrng.client.sink.SinkKind;
import io.netrng.client.stream.FakeNetwork.Peer;
import io.netrng.protocol.CloseCode;
import io.netrng.tls.KeyExchange;
import io.netrng.unit.DataRate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The client with the timings of the application, in virtual time and on one thread. */
class StreamClientTimeTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration PROOF = StreamTimings.DEFAULT.proof();
  private static final ServerAddress PREFERRED = new ServerAddress("preferred.example.org", 8989);
  private static final ServerAddress LESSER = new ServerAddress("lesser.example.org", 8989);
  private static final String PREFERRED_FIRST = "192.0.2.1";
  private static final String PREFERRED_SECOND = "192.0.2.2";
  private static final String PREFERRED_THIRD = "192.0.2.3";
  private static final String LESSER_FIRST = "198.51.100.1";
  private static final String LESSER_SECOND = "198.51.100.2";

  private final FakeNetwork network = new FakeNetwork();
  private final FeedBuffer feed = FeedBuffers.open(4_000 * FakeNetwork.SIZE);
  private final Random seeded = new Random(1);
  private SystemResolver.Lookup lookup =
      host ->
          host.equals(LESSER.host())
              ? addresses(LESSER_FIRST, LESSER_SECOND)
              : addresses(PREFERRED_FIRST);
  private RandomGenerator random = seeded;
  private StreamClient client = client(PREFERRED);

  private static InetAddress[] addresses(String... literals) {
    return Arrays.stream(literals).map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
  }

  private StreamClient client(ServerAddress... servers) {
    return client(new DataRate(1 << 20), feed, servers);
  }

  private StreamClient client(DataRate maxRate, FeedBuffer buffer, ServerAddress... servers) {
    return client(SinkKind.RNGD, maxRate, buffer, servers);
  }

  private StreamClient client(
      SinkKind sink, DataRate maxRate, FeedBuffer buffer, ServerAddress... servers) {
    return new StreamClient(
        new StreamProperties(
            List.of(servers),
            "tester",
            new DataRate(0),
            maxRate,
            true,
            new StreamProperties.Tls(null, null, KeyExchange.HYBRID_PREFERRED),
            false,
            null,
            sink,
            StreamProperties.Combine.ONE),
        buffer,
        StreamTimings.DEFAULT,
        network,
        new SystemResolver(
            host -> lookup.addressesOf(host), StreamTimings.DEFAULT.lookup(), Runnable::run),
        () -> random.nextLong(),
        AuditLog.off(),
        InstantSource.system());
  }

  private void start(ServerAddress... servers) {
    client = client(servers);
    client.start();
    network.run();
  }

  private Peer welcomed(DataRate maxRate, FeedBuffer buffer) {
    client = client(maxRate, buffer, PREFERRED);
    client.start();
    network.run();
    return network.accepted(PREFERRED_FIRST).welcome(64);
  }

  private StreamState.Waiting waiting() {
    assertThat(client.status().state()).isInstanceOf(StreamState.Waiting.class);
    return (StreamState.Waiting) client.status().state();
  }

  private void startWithTwoAddresses() {
    lookup = _ -> addresses(PREFERRED_FIRST, PREFERRED_SECOND);
    start(PREFERRED);
  }

  /** The preferred server has refused the client for a moment. */
  private Peer streamFromTheLesser() {
    start(PREFERRED, LESSER);
    return refusedByThePreferred();
  }

  private Peer refusedByThePreferred() {
    network.accepted(PREFERRED_FIRST).refuse(CloseCode.CAPACITY, Duration.ZERO);
    return network.accepted(LESSER_FIRST).welcome(0).sample();
  }

  @AfterEach
  void stop() {
    network.close();
  }

  @Nested
  class Returning {

    @Test
    void returnsToThePreferredServerWithItsFirstSample() {
      // given
      Peer lesser = streamFromTheLesser();
      lesser.samples(Duration.ofSeconds(60));

      // when the preferred server is back
      assertThat(network.timeToNext(Duration.ofSeconds(61))).isLessThan(MINUTE);
      Peer preferred = network.accepted(PREFERRED_FIRST).welcome(64);

      // then it stands without demand for a while
      lesser.samples(PROOF.minusSeconds(1));
      assertThat(preferred.requested()).isZero();
      assertThat(client.status().stateOf(PREFERRED)).isEqualTo(ServerState.CONNECTING);
      assertThat(client.status().stateOf(LESSER)).isEqualTo(ServerState.STREAMING);

      // and then receives a request for one sample
      lesser.samples(Duration.ofSeconds(1));
      assertThat(preferred.requested()).isOne();
      long before = client.status().receivedBytes();
      lesser.sample();

      // and takes the stream over with it
      preferred.sample();
      assertThat(lesser.hasSaidBye()).isTrue();
      assertThat(preferred.requested()).isPositive();
      assertThat(client.status().stateOf(PREFERRED)).isEqualTo(ServerState.STREAMING);
      assertThat(client.status().stateOf(LESSER)).isEqualTo(ServerState.STANDBY);
      assertThat(client.status().failbacks()).isOne();
      assertThat(client.status().receivedBytes() - before).isEqualTo(2 * FakeNetwork.SIZE);
    }

    @Test
    void backsOffFromAPreferredServerThatDisconnectsAfterOneSample() {
      assertThat(timeOfTrialsThatEndWith(Peer::disconnect)).isGreaterThan(Duration.ofMinutes(8));
    }

    @Test
    void backsOffFromAPreferredServerThatStarvesAfterOneSample() {
      assertThat(
              timeOfTrialsThatEndWith(peer -> {
                while (peer.isOpen()) {
                  network.advance(MINUTE);
                }
              }))
          .isGreaterThan(Duration.ofMinutes(8));
    }

    @Test
    void backsOffFromAPreferredServerWhoseNextAddressIsUnreachableAfterOneSample() {
      lookup =
          host ->
              host.equals(LESSER.host())
                  ? addresses(LESSER_FIRST)
                  : addresses(PREFERRED_FIRST, PREFERRED_SECOND);
      network.close(PREFERRED_SECOND);
      assertThat(timeOfTrialsThatEndWith(Peer::disconnect)).isGreaterThan(Duration.ofMinutes(8));
    }

    /** Returns after how long at the lesser server the seventh trial begins. */
    private Duration timeOfTrialsThatEndWith(Consumer<Peer> end) {
      Peer lesser = streamFromTheLesser();
      Duration time = Duration.ZERO;
      for (int trial = 0; trial < 7; trial++) {
        for (time = Duration.ZERO; !network.hasAnother(); lesser.sample()) {
          time = time.plus(network.timeToNext(MINUTE));
        }
        Peer preferred = network.accepted(PREFERRED_FIRST).welcome(1_000);
        network.advance(PROOF);
        preferred.sample();
        end.accept(preferred);
        lesser = network.accepted(LESSER_FIRST).welcome(0).sample();
      }
      return time;
    }

    @Test
    void runsOneTrialAtATimeWhenTheStreamMovesToTheNextAddress() {
      // given a trial that awaits its sample
      start(PREFERRED, LESSER);
      network.accepted(PREFERRED_FIRST).refuse(CloseCode.CAPACITY, Duration.ZERO);
      Peer first = network.accepted(LESSER_FIRST).welcome(0);
      network.timeToNext(Duration.ofMinutes(2));
      Peer preferred = network.accepted(PREFERRED_FIRST).welcome(0);
      network.advance(PROOF);
      assertThat(preferred.requested()).isOne();

      // when
      first.disconnect();
      network.accepted(LESSER_SECOND).welcome(0).sample();

      // then
      assertThat(network.timeToNext(Duration.ofMinutes(5))).isEqualTo(Duration.ofMinutes(5));
      preferred.sample();
      assertThat(client.status().stateOf(PREFERRED)).isEqualTo(ServerState.STREAMING);
      assertThat(client.status().failbacks()).isOne();
    }

    private void startOnLesserAfterBothAddressesOfPreferredRefused() {
      lookup =
          host ->
              host.equals(LESSER.host())
                  ? addresses(LESSER_FIRST)
                  : addresses(PREFERRED_FIRST, PREFERRED_SECOND);
      start(PREFERRED, LESSER);
      network.accepted(PREFERRED_FIRST).refuse(CloseCode.CAPACITY, Duration.ZERO);
      network.accepted(PREFERRED_SECOND).refuse(CloseCode.CAPACITY, Duration.ZERO);
      network.accepted(LESSER_FIRST).welcome(64).sample();
    }

    @Test
    void requestsNothingFromEachAddressOfATrialUntilItsProofTimeEnds() {
      // given
      startOnLesserAfterBothAddressesOfPreferredRefused();

      // when the first address ends in the middle of its time, and the second admits the client
      network.timeToNext(Duration.ofMinutes(2));
      Peer first = network.accepted(PREFERRED_FIRST).welcome(0);
      network.advance(PROOF.minusSeconds(4));
      first.disconnect();
      Peer second = network.accepted(PREFERRED_SECOND).welcome(0);

      // then
      network.advance(PROOF.minusSeconds(1));
      assertThat(second.requested()).as("before its time").isZero();
      network.advance(Duration.ofSeconds(1));
      assertThat(second.requested()).as("after its time").isOne();
    }

    @Test
    void doesNotTransferTheUnusedRequestOfATrialToTheNextAddress() {
      startOnLesserAfterBothAddressesOfPreferredRefused();
      network.timeToNext(Duration.ofMinutes(2));
      // no demand, so the one sample that may be asked for is left over
      FeedBuffers.close(feed);
      Peer first = network.accepted(PREFERRED_FIRST).welcome(0);
      network.advance(PROOF);
      first.disconnect();
      FeedBuffers.reopen(feed);

      Peer second = network.accepted(PREFERRED_SECOND).welcome(0);

      assertThat(second.requested()).isZero();
      network.advance(PROOF);
      assertThat(second.requested()).isOne();
    }
  }

  @Nested
  class Addresses {

    @Test
    void ignoresTheRetryAfterOfAnotherAddressOnceOneHasDelivered() {
      // given
      startWithTwoAddresses();
      network.accepted(PREFERRED_FIRST).refuse(CloseCode.CAPACITY, Duration.ofMinutes(50));
      Peer second = network.accepted(PREFERRED_SECOND).welcome(64);
      second.samples(MINUTE);

      // when
      second.disconnect();

      // then
      assertThat(network.timeToNext(MINUTE)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void ignoresTheStarvationOfAnotherAddressOnceOneHasDelivered() {
      // given
      startWithTwoAddresses();
      network.accepted(PREFERRED_FIRST).welcome(1_000);
      network.advance(MINUTE);
      Peer second = network.accepted(PREFERRED_SECOND).welcome(64);
      second.samples(MINUTE);
      second.disconnect();
      network.timeToNext(MINUTE);

      // when
      Peer again = network.accepted(PREFERRED_FIRST).welcome(1_000);
      network.advance(MINUTE);

      // then its limit has not doubled
      assertThat(again.isOpen()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
        value = CloseCode.class,
        names = {"NOT_AUTHORISED", "KICKED", "PROTOCOL_ERROR", "UNSUPPORTED_VERSION"})
    void triesNoOtherAddressAfterARefusalThatIsAboutTheClient(CloseCode code) {
      startWithTwoAddresses();
      network.accepted(PREFERRED_FIRST).refuse(code, MINUTE);
      assertThat(network.timeToNext(MINUTE)).isEqualTo(MINUTE);
      network.advance(Duration.ofSeconds(6));
      network.accepted(PREFERRED_FIRST);
    }

    @ParameterizedTest
    @EnumSource(
        value = CloseCode.class,
        mode = Mode.EXCLUDE,
        names = {"NOT_AUTHORISED", "KICKED", "PROTOCOL_ERROR", "UNSUPPORTED_VERSION"})
    void triesTheNextAddressAfterARefusalThatIsAboutTheServer(CloseCode code) {
      startWithTwoAddresses();
      network.accepted(PREFERRED_FIRST).refuse(code, MINUTE);
      network.accepted(PREFERRED_SECOND);
    }

    @Test
    void waitsForTheLongestRetryAfterIfAllAddressesFail() {
      // given
      lookup = _ -> addresses(PREFERRED_FIRST, PREFERRED_SECOND, PREFERRED_THIRD);
      network.close(PREFERRED_THIRD);
      start(PREFERRED);
      Instant before = Instant.now();

      // when
      network.accepted(PREFERRED_FIRST).refuse(CloseCode.CAPACITY, MINUTE);
      network.accepted(PREFERRED_SECOND).refuse(CloseCode.NO_ENTROPY, Duration.ofSeconds(1));

      // then
      assertThat(waiting().why()).contains("unreachable");
      assertThat(waiting().until()).isAfterOrEqualTo(before.plus(MINUTE));
      assertThat(network.timeToNext(Duration.ofMinutes(2)))
          .isBetween(MINUTE, Duration.ofSeconds(67));
    }

    @Test
    void triesTheNextAddressAfterAFailedConnection() {
      network.close(PREFERRED_FIRST);
      startWithTwoAddresses();
      network.accepted(PREFERRED_SECOND).welcome(64).sample();
      assertThat(client.status().failures("unreachable")).isOne();
    }
  }

  @Nested
  class Faults {

    private final Faulty faults = new Faulty(2);

    private void goesOn() {
      assertThat(client.status().state()).isInstanceOf(StreamState.Waiting.class);
      assertThat(network.timeToNext(MINUTE)).isLessThan(Duration.ofSeconds(15));
      network.accepted(PREFERRED_FIRST).welcome(64).sample();
      assertThat(client.status().state()).isInstanceOf(StreamState.Streaming.class);
    }

    @Test
    void continuesAfterAFaultOfTheRandomGenerator() {
      start(PREFERRED);
      Peer peer = network.accepted(PREFERRED_FIRST);
      random =
          () -> {
            faults.throwNext(new UncheckedIOException(new IOException("Too many open files")));
            return seeded.nextLong();
          };
      peer.disconnect();
      goesOn();
    }

    @Test
    void continuesAfterAFaultOfALookup() {
      lookup =
          _ -> {
            faults.throwNext(new NoClassDefFoundError("a fault"));
            return addresses(PREFERRED_FIRST);
          };
      start(PREFERRED);
      assertThat(((StreamState.Waiting) client.status().state()).why())
          .contains("unresolved", "a fault");
      goesOn();
    }

    @Test
    void continuesAfterALookupWithoutAddresses() {
      lookup = _ -> faults.isNext() ? addresses() : addresses(PREFERRED_FIRST);
      start(PREFERRED);
      assertThat(((StreamState.Waiting) client.status().state()).why()).contains("unresolved");
      goesOn();
    }

    @Test
    void continuesAfterAConnectionThatCannotBeStarted() {
      network.beforeConnect(() -> faults.throwNext(new IllegalStateException("no certificate")));
      start(PREFERRED);
      assertThat(((StreamState.Waiting) client.status().state()).why()).contains("no certificate");
      goesOn();
    }
  }

  @Nested
  class Demand {

    @Test
    void requestsNothingWhileTheBufferIsFull() throws Exception {
      FeedBuffer narrow = FeedBuffers.open(5 * FakeNetwork.SIZE);
      Peer peer = welcomed(DataRate.UNLIMITED, narrow);
      assertThat(peer.requested()).isEqualTo(5);
      for (int i = 0; i < 5; i++) {
        peer.sample();
      }
      network.advance(MINUTE);
      assertThat(peer.requested()).isZero();
      FeedBuffers.take(narrow);
      assertThat(peer.requested()).isEqualTo(4);
    }

    @Test
    void requestsNothingWithoutRngdAndResumesWithIt() {
      FeedBuffer narrow = FeedBuffers.open(5 * FakeNetwork.SIZE);
      FeedBuffers.close(narrow);
      Peer peer = welcomed(DataRate.UNLIMITED, narrow);
      network.advance(MINUTE);
      assertThat(peer.requested()).isZero();
      FeedBuffers.reopen(narrow);
      assertThat(peer.requested()).isEqualTo(5);
    }

    @Test
    void requestsNoMoreThanTwoBurstsForAStalledRngd() throws Exception {
      // given
      FeedBuffer wide = FeedBuffers.open(64 * FakeNetwork.SIZE);
      int burst = 20 * FakeNetwork.SIZE;
      Peer peer = welcomed(new DataRate(burst), wide);

      // when the server sends each requested sample immediately
      for (int second = 0; second < 60; second++) {
        while (peer.requested() > 0) {
          peer.sample();
        }
        network.advance(Duration.ofSeconds(1));
      }

      // then
      assertThat(peer.requested()).isZero();
      assertThat(wide.waiting()).isEqualTo(2L * burst);
      FeedBuffers.take(wide);
      assertThat(peer.requested()).isPositive();
    }

    @Test
    void requestsWithoutAPauseWhileTheSinkIsFast() throws Exception {
      // given
      FeedBuffer wide = FeedBuffers.open(10 * FakeNetwork.SIZE);
      Peer peer = welcomed(DataRate.UNLIMITED, wide);
      assertThat(peer.requested()).isEqualTo(10);
      for (int i = 0; i < 5; i++) {
        peer.sample();
      }

      // when
      FeedBuffers.take(wide);
      peer.sample();

      // then no time has passed
      assertThat(peer.requested()).isEqualTo(8);
    }

    @Test
    void requestsNoMoreThanOneBurstFromASlowServer() {
      Peer peer = welcomed(new DataRate(4_096), feed);
      assertThat(peer.requested()).isEqualTo(8);
      network.advance(MINUTE);
      assertThat(peer.requested()).isEqualTo(8);
      peer.sample();
      network.advance(MINUTE);
      assertThat(peer.requested()).isEqualTo(8);
    }
  }

  @Nested
  class Pauses {

    @Test
    void connectsNoEarlierThanTheRetryAfter() {
      start(PREFERRED);
      network.accepted(PREFERRED_FIRST).refuse(CloseCode.MAX_CLIENTS, Duration.ofMillis(1_500));
      assertThat(network.timeToNext(MINUTE))
          .isBetween(Duration.ofMillis(1_500), Duration.ofMillis(1_750));
    }

    @Test
    void waitsAtLeastTenMinutesAfterARetryAfterOfNever() {
      start(PREFERRED);
      Instant before = Instant.now();
      network.accepted(PREFERRED_FIRST).refuseForEver(CloseCode.NOT_AUTHORISED);
      assertThat(waiting().why()).contains("not-authorised");
      waitsBetween(before, Duration.ofSeconds(600), Duration.ofSeconds(661));
    }

    @Test
    void capsTheRetryAfterAtAnHour() {
      start(PREFERRED);
      Instant before = Instant.now();
      network
          .accepted(PREFERRED_FIRST)
          .refuse(CloseCode.MAX_CLIENTS, Duration.ofMillis(0xffff_fffeL));
      waitsBetween(before, Duration.ofSeconds(3_600), Duration.ofSeconds(3_961));
    }

    /** The shown time adds the pause to the time of day, which is read since {@code before}. */
    private void waitsBetween(Instant before, Duration least, Duration most) {
      assertThat(waiting().until()).isBetween(before.plus(least), Instant.now().plus(most));
      assertThat(network.timeToNext(Duration.ofHours(2))).isBetween(least, most);
    }

    @Test
    void backsOffAfterACloseWithoutRetryAfter() {
      start(PREFERRED);
      Instant before = Instant.now();
      network
          .accepted(PREFERRED_FIRST)
          .welcome(64)
          .refuse(CloseCode.KEEPALIVE_MISSED, Duration.ZERO);
      assertThat(waiting().until()).isAfter(before);
      assertThat(network.timeToNext(MINUTE)).isPositive().isLessThan(MINUTE);
    }

    @Test
    void triesTheNextServerAfterARefusalAndThePreferredOneAfterADisconnect() {
      // given
      lookup = host -> addresses(host.equals(LESSER.host()) ? LESSER_FIRST : PREFERRED_FIRST);
      start(PREFERRED, LESSER);
      network.accepted(PREFERRED_FIRST).refuse(CloseCode.CAPACITY, Duration.ofSeconds(30));
      Peer lesser = network.accepted(LESSER_FIRST).welcome(64);

      // when the preferred server may be tried again, but is not before its trial is due
      lesser.samples(Duration.ofSeconds(40));
      assertThat(client.status().state()).isInstanceOf(StreamState.Streaming.class);
      assertThat(network.hasAnother()).isFalse();
      lesser.disconnect();

      // then
      network.accepted(PREFERRED_FIRST);
    }
  }

  @Nested
  class Keepalive {

    @Test
    void pingsASilentServerAndDisconnectsAfterThreeKeepalives() {
      start(PREFERRED);
      Peer peer = network.accepted(PREFERRED_FIRST).welcome(64, Duration.ofSeconds(1));
      peer.fallSilent();
      network.advance(Duration.ofMillis(400));
      assertThat(peer.pings()).isZero();
      network.advance(Duration.ofMillis(200));
      assertThat(peer.pings()).isPositive();
      network.advance(Duration.ofMillis(2_300));
      assertThat(peer.isOpen()).isTrue();
      network.advance(Duration.ofMillis(200));
      assertThat(peer.isOpen()).isFalse();
      assertThat(waiting().why()).contains("keepalive-missed");
    }
  }

  /** What waits for the sink. The sink kernel uses bytes of the present session only. */
  @Nested
  class HeldBytes {

    private static final Duration KEEPALIVE = Duration.ofSeconds(10);

    private void start(SinkKind sink) {
      client = client(sink, new DataRate(1 << 20), feed, PREFERRED, LESSER);
      client.start();
      network.run();
    }

    private Peer holdingOne(SinkKind sink) {
      start(sink);
      Peer peer = network.accepted(PREFERRED_FIRST).welcome(64, KEEPALIVE).sample();
      assertThat(feed.buffered()).isEqualTo(FakeNetwork.SIZE);
      return peer;
    }

    /** Holds samples of the lesser server, until the client tries the preferred one. */
    private void holdUntilATrial(SinkKind sink) {
      start(sink);
      Peer lesser = refusedByThePreferred();
      while (!network.hasAnother()) {
        network.timeToNext(MINUTE);
        lesser.sample();
      }
    }

    private void assertHeld(int samples) {
      assertThat(feed.buffered()).isEqualTo(samples * FakeNetwork.SIZE);
    }

    @ParameterizedTest
    @CsvSource({"RNGD, 1", "KERNEL, 0"})
    void areDiscardedWhenTheServerIsSilent(SinkKind sink, int samples) {
      holdingOne(sink).fallSilent();
      network.advance(KEEPALIVE);
      assertHeld(samples);
    }

    @ParameterizedTest
    @EnumSource(SinkKind.class)
    void areKeptWhileTheServerAnswersPings(SinkKind sink) {
      holdingOne(sink);
      network.advance(KEEPALIVE.multipliedBy(5));
      assertHeld(1);
    }

    @ParameterizedTest
    @CsvSource({"RNGD, 1", "KERNEL, 0"})
    void areDiscardedWhenTheSessionEnds(SinkKind sink, int samples) {
      holdingOne(sink).disconnect();
      assertHeld(samples);
    }

    @ParameterizedTest
    @EnumSource(SinkKind.class)
    void areKeptWhenAServerThatIsTriedAdmitsTheClientAndDisconnects(SinkKind sink) {
      // given
      holdUntilATrial(sink);
      int held = feed.buffered();

      // when
      network.accepted(PREFERRED_FIRST).welcome(64).disconnect();

      // then
      assertThat(feed.buffered()).isEqualTo(held);
    }

    @ParameterizedTest
    @CsvSource({"RNGD, 1", "KERNEL, 0"})
    void ofALesserServerAreDiscardedWithTheFirstSampleOfAPreferredOne(SinkKind sink, int before) {
      // given
      holdUntilATrial(sink);
      Peer preferred = network.accepted(PREFERRED_FIRST).welcome(64);
      network.advance(PROOF);
      int held = feed.buffered();

      // when
      preferred.sample();

      // then
      assertThat(feed.buffered()).isEqualTo(before * held + FakeNetwork.SIZE);
    }
  }

  @Nested
  class Reloading {

    @Test
    void aReloadDoesNotInterruptAStream() {
      start(PREFERRED);
      Peer peer = network.accepted(PREFERRED_FIRST).welcome(64);
      long requested = peer.requested();
      client.retryNow();
      network.advance(MINUTE);
      assertThat(peer.requested()).isEqualTo(requested);
      assertThat(peer.pings()).isZero();
      assertThat(peer.hasSaidBye()).isFalse();
      assertThat(peer.isOpen()).isTrue();
      assertThat(client.status().state()).isInstanceOf(StreamState.Streaming.class);
    }

    @Test
    void aReloadDuringAnAttemptCancelsThePauseOfItsRefusal() {
      start(PREFERRED);
      Peer old = network.accepted(PREFERRED_FIRST);
      client.retryNow();
      network.run();

      old.refuseForEver(CloseCode.NOT_AUTHORISED);

      network.accepted(PREFERRED_FIRST).refuseForEver(CloseCode.NOT_AUTHORISED);
      assertThat(network.timeToNext(Duration.ofMinutes(20))).isGreaterThan(Duration.ofMinutes(9));
    }

    @Test
    void aReloadBeforeAnAttemptKeepsThePauseOfItsRefusal() {
      start(PREFERRED);
      network.accepted(PREFERRED_FIRST).disconnect();
      client.retryNow();
      network.run();
      network.accepted(PREFERRED_FIRST).refuseForEver(CloseCode.NOT_AUTHORISED);
      assertThat(network.timeToNext(Duration.ofMinutes(20))).isGreaterThan(Duration.ofMinutes(9));
    }

    @Test
    void aReloadDuringAStreamKeepsThePauseOfItsEnd() {
      start(PREFERRED);
      Peer peer = network.accepted(PREFERRED_FIRST).welcome(64).sample();
      client.retryNow();
      network.run();
      peer.refuse(CloseCode.KICKED, MINUTE);
      assertThat(network.timeToNext(Duration.ofMinutes(2))).isGreaterThanOrEqualTo(MINUTE);
    }

    @Test
    void aReloadDuringATrialCancelsThePauseOfItsRefusal() {
      streamFromTheLesser();
      network.timeToNext(Duration.ofMinutes(2));
      Peer trial = network.accepted(PREFERRED_FIRST);
      client.retryNow();
      network.run();
      trial.refuseForEver(CloseCode.NOT_AUTHORISED);
      assertThat(network.timeToNext(Duration.ofMinutes(20))).isLessThan(Duration.ofMinutes(3));
      network.accepted(PREFERRED_FIRST);
    }
  }

  /** Faults that occur a number of times. */
  private static final class Faulty {

    private int left;

    Faulty(int left) {
      this.left = left;
    }

    boolean isNext() {
      return left-- > 0;
    }

    void throwNext(RuntimeException fault) {
      if (isNext()) {
        throw fault;
      }
    }

    void throwNext(Error fault) {
      if (isNext()) {
        throw fault;
      }
    }
  }
}
