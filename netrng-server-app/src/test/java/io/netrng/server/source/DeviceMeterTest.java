// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Time is simulated. */
class DeviceMeterTest {

  private static final int SIZE = 64 * 1024;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private long now = SECOND;
  private final SampleBuffer stream = new SampleBuffer(SIZE, Duration.ofMinutes(1), () -> now);
  private final DeviceMeter meter = new DeviceMeter(stream, Double.NaN, 1, () -> now);

  private void passSeconds(int seconds) {
    now += seconds * SECOND;
  }

  private void beginReadSecondsAgo(int seconds) {
    passSeconds(-seconds);
    meter.beginRead();
    passSeconds(seconds);
  }

  private void read(int seconds, int bytes) {
    readForMillis(1_000 * seconds, bytes);
  }

  private void readForMillis(int millis, int bytes) {
    meter.beginRead();
    now += TimeUnit.MILLISECONDS.toNanos(millis);
    meter.endRead(bytes);
  }

  private void ask() {
    Sources.takeReady(stream, Integer.MAX_VALUE).forEach(SampleBatch::release);
  }

  @Test
  void countsReleasedBytesInTheCapacityAndReadBytesInTheRate() {
    // given a device that releases a fourth of its bytes
    DeviceMeter conditioned = new DeviceMeter(stream, Double.NaN, 0.25, () -> now);
    conditioned.opened();

    // when
    conditioned.beginRead();
    passSeconds(10);
    conditioned.endRead(1_000);
    conditioned.exhausted();

    // then
    assertThat(conditioned.capacity()).isCloseTo(25, within(1e-6));
    assertThat(conditioned.rate()).isCloseTo(100, within(1e-6));
    assertThat(conditioned.timeFor(1_000)).isEqualTo(Duration.ofSeconds(10));
  }

  @Nested
  class Stall {

    @Test
    void aStallBeginsAfterAMinuteAndEndsWithTheRead() {
      // given
      meter.beginRead();
      ask();
      passSeconds(59);
      assertThat(meter.isStalled()).isFalse();

      // when
      passSeconds(1);

      // then
      assertThat(meter.isStalled()).isTrue();
      assertThat(meter.stallDuration()).isEqualTo(Duration.ofMinutes(1));
      meter.endRead(1);
      assertThat(meter.isStalled()).isFalse();
      assertThat(meter.stallDuration()).isZero();
    }

    @Test
    void aStallPersistsWithoutQueriesAfterDemandEnds() {
      // given
      meter.beginRead();
      ask();

      // when
      passSeconds(60);
      stream.demandEnded();
      passSeconds(3_600);

      // then
      assertThat(meter.isStalled()).isTrue();
      assertThat(meter.stallDuration()).isEqualTo(Duration.ofMinutes(61));
    }

    @Test
    void queriesDoNotAffectStallDetection() {
      // given a wait that began long before the read
      ask();
      passSeconds(30);
      meter.beginRead();
      passSeconds(59);

      // when
      for (int i = 0; i < 10; i++) {
        assertThat(meter.isStalled()).isFalse();
        assertThat(meter.stallDuration()).isEqualTo(Duration.ofSeconds(59));
      }
      stream.demandEnded();
      passSeconds(3_600);

      // then
      assertThat(meter.isStalled()).isFalse();
      assertThat(meter.stallDuration()).isZero();
    }

    @Test
    void aDeviceDoesNotStallWhileAnotherDeviceExceedsTheDemand() {
      // given a device that waits, and demand
      meter.beginRead();
      ask();
      passSeconds(30);

      // when another device fills the buffer, and demand begins again much later
      Sources.release(stream, SampleBuffer.BUSY_SIZE / SIZE);
      passSeconds(3_600);
      assertThat(meter.stallDuration()).isZero();
      ask();
      passSeconds(59);

      // then
      assertThat(meter.isStalled()).isFalse();
      assertThat(meter.stallDuration()).isEqualTo(Duration.ofSeconds(59));
      passSeconds(1);
      assertThat(meter.isStalled()).isTrue();
    }

    @Test
    void onlyAReadThatSpentAMinuteInTheLastLongWaitIsStalled() {
      // given two long waits
      for (int i = 0; i < 2; i++) {
        ask();
        passSeconds(61);
        stream.demandEnded();
      }

      // when, then
      beginReadSecondsAgo(60);
      assertThat(meter.isStalled()).isTrue();
      beginReadSecondsAgo(59);
      assertThat(meter.isStalled()).isFalse();
    }
  }

  @Nested
  class Rate {

    @Test
    void rateLeavesOutTheTimeBetweenReads() {
      for (int i = 0; i < 5; i++) {
        read(1, 100);
        passSeconds(60);
      }
      assertThat(meter.rate()).isCloseTo(100, within(1e-6));
      assertThat(meter.timeFor(250)).isBetween(Duration.ofMillis(2_499), Duration.ofMillis(2_500));
    }

    @Test
    void rateFollowsTheLastSecondsOfReading() {
      read(100, 100);
      read(50, 5_000);
      assertThat(meter.rate()).isCloseTo(100, within(1.0));
    }

    @Test
    void rateLeavesOutDiscardedBytes() {
      // given
      read(1, 100);

      // when
      meter.beginRead();
      passSeconds(1);
      assertThat(meter.endDiscardedRead(9_999)).isEqualTo(SECOND);

      // then
      assertThat(meter.rate()).isCloseTo(100, within(1e-6));
      assertThat(meter.bytesRead()).isEqualTo(10_099);
    }

    @Test
    void rateIsZeroAndTheTimeEstimateIsOneSecondBeforeTheFirstRead() {
      assertThat(meter.rate()).isZero();
      assertThat(meter.timeFor(1_000_000)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void rateLeavesOutTheEndOfTheDevice() {
      read(1, 100);
      read(10, -1);
      assertThat(meter.rate()).isCloseTo(100, within(1e-6));
      assertThat(meter.bytesRead()).isEqualTo(100);
    }
  }

  @Test
  void aRestartReplacesThePastCapacityByANewMeasurement() {
    // given a device that gave 100 B/s for a minute
    meter.opened();
    for (int i = 0; i < 6_000; i++) {
      readForMillis(10, 1);
    }
    assertThat(meter.isStarting()).isFalse();
    assertThat(meter.capacity()).isCloseTo(100, withinPercentage(10.0));

    // when
    assertThat(meter.restart()).isTrue();
    assertThat(meter.isStarting()).isTrue();
    assertThat(meter.restart()).as("a measurement is in progress").isFalse();
    for (int i = 0; i < 300; i++) {
      readForMillis(10, 100);
    }

    // then
    assertThat(meter.isStarting()).isFalse();
    assertThat(meter.capacity()).isCloseTo(10_000, withinPercentage(10.0));
  }

  /** A device with so little data that only the time limit ends the start. */
  @Nested
  class Capacity {

    @BeforeEach
    void open() {
      meter.opened();
      read(1, 690);
      meter.beginRead();
    }

    @Test
    void capacityIsKnownAfterTheLongestStart() {
      passSeconds(68);
      assertThat(meter.capacity()).isNaN();
      assertThat(meter.isMeasured()).isFalse();
      passSeconds(1);
      assertThat(meter.capacity()).isEqualTo(690 / 70.0);
      assertThat(meter.isMeasured()).isTrue();
    }

    @Test
    void capacityFallsWhileAReadWaitsHoweverOftenItIsQueried() {
      for (int second = 70; second < 100; second++) {
        passSeconds(second == 70 ? 69 : 1);
        for (int i = 0; i < 3; i++) {
          assertThat(meter.capacity()).isEqualTo(690.0 / second);
          assertThat(meter.capacityAge()).isZero();
          assertThat(meter.isStarting()).isTrue();
        }
      }
    }

    @Test
    void capacityIsKeptWhenTheDeviceIsClosedEvenIfItWasNeverQueried() {
      passSeconds(137);
      meter.closed();
      passSeconds(5);
      assertThat(meter.capacity()).isEqualTo(5.0);
      assertThat(meter.capacityAge()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void capacityIsZeroInAStall() {
      ask();
      passSeconds(69);
      assertThat(meter.capacity()).isZero();
      assertThat(meter.isMeasured()).isTrue();
    }

    @Test
    void capacityIsThePinnedValue() {
      DeviceMeter pinned = new DeviceMeter(stream, 1_000, 1, () -> now);
      assertThat(pinned.capacity()).isEqualTo(1_000);
      assertThat(pinned.capacityAge()).isZero();
      assertThat(pinned.isMeasured()).isTrue();
      assertThat(pinned.isStarting()).isFalse();
    }
  }
}
