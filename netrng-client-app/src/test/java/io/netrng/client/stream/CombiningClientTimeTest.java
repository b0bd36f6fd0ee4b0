// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.audit.AuditLog;
import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.FeedBuffers;
import io.netrng.client.sink.SinkKind;
import io.netrng.client.stream.FakeNetwork.Peer;
import io.netrng.tls.KeyExchange;
import io.netrng.unit.DataRate;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A client that combines two servers, in virtual time and on one thread. */
@ExtendWith(OutputCaptureExtension.class)
class CombiningClientTimeTest {

  private static final long GUARANTEE = 1 << 20;
  private static final Duration KEEPALIVE = Duration.ofSeconds(10);
  private static final Duration OVERDUE = KEEPALIVE.multipliedBy(3);
  private static final Duration STARVED = StreamTimings.DEFAULT.starvedGuaranteed();
  private static final Duration PAUSE = Duration.ofMinutes(2);
  private static final String ONE = "192.0.2.1";
  private static final String TWO = "192.0.2.2";
  private static final String THREE = "192.0.2.3";

  private final FakeNetwork network = new FakeNetwork();
  private final FeedBuffer feed = FeedBuffers.open(4_000 * FakeNetwork.SIZE);
  private List<String> addressesOfTwo = List.of(TWO);
  private StreamClient client = client(1);

  private StreamClient client(int minimum) {
    return new StreamClient(
        new StreamProperties(
            List.of(new ServerAddress(ONE, 8989), new ServerAddress(TWO, 8989)),
            "tester",
            new DataRate(0),
            new DataRate(1 << 20),
            true,
            new StreamProperties.Tls(null, null, KeyExchange.HYBRID_PREFERRED),
            false,
            null,
            SinkKind.RNGD,
            new StreamProperties.Combine(2, minimum)),
        feed,
        StreamTimings.DEFAULT,
        network,
        new SystemResolver(
            host ->
                (host.equals(TWO) ? addressesOfTwo : List.of(host))
                    .stream().map(InetAddress::ofLiteral).toArray(InetAddress[]::new),
            StreamTimings.DEFAULT.lookup(),
            Runnable::run),
        new Random(1),
        AuditLog.off(),
        InstantSource.system());
  }

  private void start(int minimum) {
    client = client(minimum);
    client.start();
    network.run();
  }

  private Peer admitting(String host) {
    return network.accepted(host).welcome(GUARANTEE, KEEPALIVE);
  }

  private long fedSamples() {
    return feed.buffered() / FakeNetwork.SIZE;
  }

  @AfterEach
  void close() {
    client.stop();
    network.run();
    network.close();
  }

  @Test
  void aServerThatOnlyAdmitsTheClientDoesNotHoldBackTheOther(CapturedOutput output) {
    // given
    start(1);
    Peer one = admitting(ONE);
    Peer silent = admitting(TWO);
    assertThat(client.status().live()).isEqualTo(2);

    // when
    one.samples(OVERDUE);

    // then
    assertThat(fedSamples()).isEqualTo(OVERDUE.toSeconds());
    assertThat(client.status().live()).isEqualTo(1);
    assertThat(client.status().isUp()).isTrue();
    assertThat(client.status().isDropped(0)).isFalse();
    assertThat(client.status().isDropped(1)).isTrue();
    assertThat(output.toString().lines())
        .anySatisfy(line -> assertThat(line).contains("server owes samples", TWO))
        .anySatisfy(line -> assertThat(line).contains("combining fewer servers than configured"));

    // when
    silent.sample();

    // then
    assertThat(client.status().live()).isEqualTo(2);
    assertThat(client.status().isDropped(1)).isFalse();
    one.sample();
    assertThat(client.status().combinedBytes(2)).isEqualTo(FakeNetwork.SIZE);
  }

  @Test
  void aServerThatStopsDeliveringHoldsBackTheOtherForThreeKeepalives() {
    // given
    start(1);
    Peer one = admitting(ONE);
    Peer two = admitting(TWO);
    one.sample();
    two.sample();
    one.sample();
    assertThat(fedSamples()).isEqualTo(2);

    // when
    one.samples(OVERDUE.minusSeconds(1));
    assertThat(fedSamples()).isEqualTo(2);
    one.samples(Duration.ofSeconds(2));

    // then
    assertThat(fedSamples()).isEqualTo(2 + OVERDUE.toSeconds() + 1);
    assertThat(client.status().live()).isEqualTo(1);
    assertThat(two.isOpen()).isTrue();
  }

  @Test
  void anotherAddressOfAServerIsTriedEveryFewMinutes(CapturedOutput output) {
    // given
    start(2);
    Peer one = admitting(ONE);
    network.accepted(TWO).welcome(GUARANTEE, KEEPALIVE, ONE);

    // when
    assertThat(network.timeToNext(Duration.ofMinutes(10))).isBetween(PAUSE, PAUSE.plusMinutes(1));
    network.accepted(TWO).welcome(GUARANTEE, KEEPALIVE, ONE);

    // then
    assertThat(output.toString().split("reason=\"same-server\"", -1)).hasSize(3);

    // and when
    one.disconnect();

    // then it replaces the lost address at once
    network.accepted(TWO);
  }

  @Test
  void aFurtherAddressThatFailsIsTriedAgainSoon() {
    addressesOfTwo = List.of(TWO, THREE);
    start(2);
    admitting(ONE);
    network.accepted(TWO).welcome(GUARANTEE, KEEPALIVE, ONE);
    network.accepted(THREE).disconnect();

    assertThat(network.timeToNext(PAUSE)).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void withoutALowerMinimumNothingIsFedWithoutBoth() {
    start(2);
    Peer one = admitting(ONE);
    admitting(TWO);
    one.samples(STARVED.minusSeconds(1));
    assertThat(fedSamples()).isZero();
    assertThat(client.status().live()).isEqualTo(2);
  }

  @Test
  void theStarvationLimitOfCombinedServersDoesNotGrow() {
    start(1);
    Peer one = admitting(ONE);
    for (int i = 0; i < 3; i++) {
      Peer silent = admitting(TWO);
      one.samples(STARVED);
      assertThat(silent.isOpen()).as("session " + i).isFalse();
      one.samples(network.timeToNext(Duration.ofMinutes(1)));
    }
  }
}
