package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.client.rngd.FeedBuffer;
import io.netrng.client.rngd.FeedBuffers;
import io.netrng.client.stream.FakeNetwork.Peer;
import io.netrng.protocol.CloseCode;
import io.netrng.unit.DataRate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
    return new StreamClient(
        new StreamProperties(
            List.of(servers),
            "tester",
            new DataRate(0),
            new DataRate(1 << 20),
            true,
            new StreamProperties.Tls(null)),
        feed,
        StreamTimings.DEFAULT,
        network,
        new SystemResolver(
            host -> lookup.addressesOf(host), StreamTimings.DEFAULT.lookup(), Runnable::run),
        () -> random.nextLong());
  }

  private void start(ServerAddress... servers) {
    client = client(servers);
    client.start();
    network.run();
  }

  private void startWithTwoAddresses() {
    lookup = _ -> addresses(PREFERRED_FIRST, PREFERRED_SECOND);
    start(PREFERRED);
  }

  /** The preferred server has refused the client for a moment. */
  private Peer streamFromTheLesser() {
    start(PREFERRED, LESSER);
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
    void returnsWithTheFirstSampleOfThePreferredServer() {
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
      lesser.sample();

      // and takes the stream over with it
      preferred.sample();
      assertThat(lesser.hasSaidBye()).isTrue();
      assertThat(preferred.requested()).isPositive();
      assertThat(client.status().stateOf(PREFERRED)).isEqualTo(ServerState.STREAMING);
      assertThat(client.status().stateOf(LESSER)).isEqualTo(ServerState.STANDBY);
      assertThat(client.status().failbacks()).isOne();
    }

    @Test
    void triesLessOftenAPreferredServerThatDisconnectsAfterOneSample() {
      assertThat(timeOfTrialsThatEndWith(Peer::disconnect)).isGreaterThan(Duration.ofMinutes(8));
    }

    @Test
    void triesLessOftenAPreferredServerThatStarvesAfterOneSample() {
      assertThat(
              timeOfTrialsThatEndWith(peer -> {
                while (peer.isOpen()) {
                  network.advance(MINUTE);
                }
              }))
          .isGreaterThan(Duration.ofMinutes(8));
    }

    @Test
    void countsAServerWhoseNextAddressIsUnreachableAfterOneSampleAsAFailedTrial() {
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
    void hasOneTrialAtATimeWhenTheStreamMovesToTheNextAddressOfItsServer() {
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
    void keepsEachAddressOfATrialForAWhileWithoutDemand() {
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
    void keepsTheNextAddressWithoutDemandAfterOneThatHadDemand() {
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
  class Reloading {

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
