// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.unit.DataRate;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StarvationTest {

  private final Starvation starvation =
      new Starvation(2_500, Duration.ofMinutes(1), Duration.ofMinutes(10), true);

  @Property
  void allowsTheTimeOfTwoSamplesAtTheGuaranteeAndAtLeastAMinute(
      @ForAll @LongRange(min = 1, max = 0xffff_ffffL) long guarantee,
      @ForAll @LongRange(min = 1) long maxRate,
      @ForAll @IntRange(min = 16, max = 65_536) int sampleSize,
      @ForAll @IntRange(max = 100) int starvedInARow) {
    Duration limit = starvation.limit(guarantee, new DataRate(maxRate), sampleSize, starvedInARow);
    // Two samples: one that the queue serves first, and the client's own.
    assertThat(limit).isGreaterThanOrEqualTo(Duration.ofMillis(2_000L * sampleSize / guarantee));
    assertThat(limit).isGreaterThanOrEqualTo(Duration.ofMinutes(1));
  }

  @ParameterizedTest
  @CsvSource({"64, 2048, 117187", "16, 2048, 468750", "64, 65536, 3072000", "4096, 64, 1831"})
  void theDueTimeIsThatOfThreeBlocksOrOfThreeSamplesIfLonger(
      long rate, long sampleSize, long millis) {
    assertThat(Starvation.dueTime(rate, 2_500, sampleSize)).contains(Duration.ofMillis(millis));
  }

  @Property
  void theLimitDoublesWithEachStarvedSessionAtMostSixTimes(
      @ForAll @IntRange(max = 100) int starvedInARow) {
    assertThat(starvation.limit(0, DataRate.UNLIMITED, 2_048, starvedInARow))
        .isEqualTo(Duration.ofMinutes(10).multipliedBy(1L << Math.min(6, starvedInARow)));
  }

  @Property
  void theLimitOfCombinedServersDoesNotDouble(@ForAll @IntRange(max = 100) int starvedInARow) {
    Starvation combined =
        new Starvation(2_500, Duration.ofMinutes(1), Duration.ofMinutes(10), false);
    assertThat(combined.limit(0, DataRate.UNLIMITED, 2_048, starvedInARow))
        .isEqualTo(Duration.ofMinutes(10));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 2048, 10, 30000",
    "4096, 2048, 10, 30000",
    "64, 2048, 10, 117187",
    "1, 2048, 10, 120000",
    "64, 64, 600, 120000"
  })
  void aServerIsOverdueAfterThreeKeepalivesOrThreeSamplesAtMostTwoMinutes(
      long guarantee, long sampleSize, long keepaliveSeconds, long millis) {
    assertThat(
            starvation.overdue(
                guarantee, DataRate.UNLIMITED, sampleSize, Duration.ofSeconds(keepaliveSeconds)))
        .isEqualTo(Duration.ofMillis(millis));
  }
}
