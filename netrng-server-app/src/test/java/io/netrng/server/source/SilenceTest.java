package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SilenceTest {

  private static final int SIZE = 64 * 1024;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private long now = SECOND;
  private final SampleBuffer stream = new SampleBuffer(SIZE, Duration.ofMinutes(1), () -> now);
  private final Silence silence = new Silence(stream);

  private void beginRead() {
    silence.onRead(now);
  }

  private void endRead() {
    silence.onRead(0);
  }

  private void ask() {
    Sources.takeReady(stream, Integer.MAX_VALUE).forEach(SampleBatch::release);
  }

  @Test
  void endsOnlyWithTheRead() {
    // given
    beginRead();
    ask();
    now += 59 * SECOND;
    assertThat(silence.isTooLong(now)).isFalse();

    // when
    now += SECOND;

    // then
    assertThat(silence.isTooLong(now)).isTrue();
    assertThat(silence.lasts(now)).isEqualTo(Duration.ofMinutes(1));
    endRead();
    assertThat(silence.isTooLong(now)).isFalse();
    assertThat(silence.lasts(now)).isZero();
  }

  @Test
  void isSeenLaterAlthoughNobodyLookedWhileSomebodyWaited() {
    // given
    beginRead();
    ask();

    // when
    now += 60 * SECOND;
    stream.demandEnded();
    now += 3_600 * SECOND;

    // then
    assertThat(silence.isTooLong(now)).isTrue();
    assertThat(silence.lasts(now)).isEqualTo(Duration.ofMinutes(61));
  }

  @Test
  void doesNotDependOnHowOftenItIsAskedFor() {
    // given a wait whose greater part lies before the read
    ask();
    now += 30 * SECOND;
    beginRead();
    now += 59 * SECOND;

    // when
    for (int i = 0; i < 10; i++) {
      assertThat(silence.isTooLong(now)).isFalse();
      assertThat(silence.lasts(now)).isEqualTo(Duration.ofSeconds(59));
    }
    stream.demandEnded();
    now += 3_600 * SECOND;

    // then
    assertThat(silence.isTooLong(now)).isFalse();
    assertThat(silence.lasts(now)).isZero();
  }

  @Test
  void isNoneWhileAnotherDeviceGivesMoreThanAnybodyTakes() {
    // given a device that waits, and demand
    beginRead();
    ask();
    now += 30 * SECOND;

    // when another device fills the buffer, and much later there is demand again
    Sources.release(stream, SampleBuffer.BUSY_SIZE / SIZE);
    now += 3_600 * SECOND;
    assertThat(silence.lasts(now)).isZero();
    ask();
    now += 59 * SECOND;

    // then
    assertThat(silence.isTooLong(now)).isFalse();
    assertThat(silence.lasts(now)).isEqualTo(Duration.ofSeconds(59));
    now += SECOND;
    assertThat(silence.isTooLong(now)).isTrue();
  }

  @Test
  void isOfAReadThatWasWaitingThroughTheLastLongWait() {
    // given two long waits
    for (int i = 0; i < 2; i++) {
      ask();
      now += 61 * SECOND;
      stream.demandEnded();
    }

    // when, then
    silence.onRead(now - 60 * SECOND);
    assertThat(silence.isTooLong(now)).isTrue();
    silence.onRead(now - 59 * SECOND);
    assertThat(silence.isTooLong(now)).isFalse();
  }
}
