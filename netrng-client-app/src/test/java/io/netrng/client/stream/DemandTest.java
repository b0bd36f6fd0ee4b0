// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.client.sink.SinkKind;
import io.netrng.unit.DataRate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class DemandTest {

  private static final long RNGD_BLOCK = 2_500;
  private static final long RNGD_START = SinkKind.RNGD.start();

  @Test
  void requestsEnoughAtOnceForTheFirstBlocksOfRngd() {
    assertThat(Demand.burst(new DataRate(64), RNGD_START, 2_048))
        .isEqualTo(8_192)
        .isGreaterThan((double) (24 + 2 * RNGD_BLOCK));
  }

  @Test
  void requestsAtLeastOneSampleAtOnceAtTheLowestRate() {
    assertThat(Demand.burst(new DataRate(1), RNGD_START, 65_536)).isEqualTo(65_536);
  }

  @Property
  void requestsAnotherSampleWhileThePreambleAndAPartialBlockWait(
      @ForAll @LongRange(min = 1, max = 1L << 40) long rate,
      @ForAll @IntRange(min = 16, max = 65_536) int sampleSize) {
    assertThat(Demand.maxWaiting(new DataRate(rate), RNGD_START, sampleSize))
        .isGreaterThanOrEqualTo(24 + RNGD_BLOCK - 1 + sampleSize);
  }

  @Test
  void requestsWithoutLimitAtAnUnlimitedRate() {
    assertThat(Demand.burst(DataRate.UNLIMITED, RNGD_START, 2_048)).isInfinite();
    assertThat(Demand.maxWaiting(DataRate.UNLIMITED, RNGD_START, 2_048)).isEqualTo(Long.MAX_VALUE);
  }
}
