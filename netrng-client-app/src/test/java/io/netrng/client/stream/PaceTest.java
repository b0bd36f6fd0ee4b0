package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.unit.DataRate;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class PaceTest {

  private static final long SECOND = 1_000_000_000L;
  private static final long RNGD_BLOCK = 2_500;

  @Test
  void itStartsWithEnoughForRngdsFirstBlocks() {
    Pace pace = new Pace(new DataRate(64), 2_048, 0);
    assertThat(pace.allowance(0)).isEqualTo(8_192).isGreaterThan(24 + 2 * RNGD_BLOCK);
  }

  @Test
  void oneSampleAlwaysFits() {
    assertThat(new Pace(new DataRate(1), 65_536, 0).allowance(0)).isEqualTo(65_536);
  }

  @Property
  void aSampleAlwaysFitsBesideWhatRngdDoesNotTakeYet(
      @ForAll @LongRange(min = 1, max = 1L << 40) long rate,
      @ForAll @IntRange(min = 16, max = 65_536) int sampleSize) {
    Pace pace = new Pace(new DataRate(rate), sampleSize, 0);
    assertThat(pace.mostWaiting()).isGreaterThanOrEqualTo(24 + RNGD_BLOCK - 1 + sampleSize);
  }

  @Test
  void unlimitedIsUnlimited() {
    Pace pace = new Pace(DataRate.UNLIMITED, 2_048, 0);
    pace.spend(1L << 40);
    assertThat(pace.allowance(1)).isEqualTo(Long.MAX_VALUE);
    assertThat(pace.reaches(Long.MAX_VALUE)).isTrue();
    assertThat(pace.nanosUntil(Long.MAX_VALUE)).isZero();
  }

  @Test
  void itTellsWhenThereWillBeEnough() {
    Pace pace = new Pace(new DataRate(1_000), 2_048, 0);
    pace.spend(8_192);
    assertThat(pace.nanosUntil(2_000)).isBetween(2 * SECOND, 2 * SECOND + 2);
    assertThat(pace.allowance(2 * SECOND + 2)).isGreaterThanOrEqualTo(2_000);
    assertThat(pace.reaches(8_192)).isTrue();
    assertThat(pace.reaches(8_193)).isFalse();
  }

  /** Drawing all that is allowed, at any times, gives no more than the rate and one burst. */
  @Property
  void noMoreThanTheRateAndOneBurst(
      @ForAll @LongRange(min = 1, max = 10_000_000) long rate,
      @ForAll List<@IntRange(min = 1, max = 2_000_000_000) Integer> pauses) {
    Pace pace = new Pace(new DataRate(rate), 2_048, 0);
    long burst = Math.max(8_192, rate);
    long now = 0;
    long drawn = 0;
    for (int pause : pauses) {
      now += pause;
      long allowance = pace.allowance(now);
      assertThat(allowance).isBetween(0L, burst);
      pace.spend(allowance);
      drawn += allowance;
      assertThat((double) drawn)
          .isLessThanOrEqualTo((double) burst + (double) rate * (double) now / 1e9 + 1);
    }
  }
}
