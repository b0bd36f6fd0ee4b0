// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ShortfallMeterTest {

  private static final int SAMPLE_SIZE = 100;
  private static final long GUARANTEE = 1_000;
  private static final double TOLERANCE = 2 * SAMPLE_SIZE + GUARANTEE;
  private static final long SECOND = 1_000_000_000L;

  private final ShortfallMeter meter = new ShortfallMeter(GUARANTEE, SAMPLE_SIZE);

  @Test
  void aFulfilledGuaranteeLeavesNoShortfall() {
    meter.setWaiting(true, 0);
    for (int tenth = 1; tenth <= 100; tenth++) {
      meter.setWaiting(true, tenth * SECOND / 10);
      meter.pay(100);
    }
    assertThat(meter.shortfall(10 * SECOND)).isZero();
  }

  @Test
  void countsTheMissingHalfOfAGuaranteeAsShortfall() {
    meter.setWaiting(true, 0);
    for (int second = 1; second <= 100; second++) {
      meter.setWaiting(true, second * SECOND);
      meter.pay(500);
    }
    assertThat(meter.shortfall(100 * SECOND)).isCloseTo(50_000 - TOLERANCE, within(501.0));
  }

  @Test
  void timeWithoutWaitingAddsNoShortfall() {
    meter.setWaiting(true, 0);
    meter.setWaiting(false, SECOND);
    assertThat(meter.shortfall(1_000 * SECOND)).isZero();
  }

  @Test
  void excessDeliveryDoesNotReduceTheLaterShortfall() {
    meter.setWaiting(true, 0);
    meter.pay(1_000_000);
    assertThat(meter.shortfall(10 * SECOND)).isCloseTo(10_000 - TOLERANCE, within(0.1));
  }

  @Test
  void bytesDueAreTheGuaranteeTimesTheWaitingTime() {
    meter.setWaiting(true, 0);
    meter.pay(1_000_000);
    meter.setWaiting(false, 3 * SECOND);
    meter.setWaiting(true, 5 * SECOND);
    assertThat(meter.owed(6 * SECOND)).isCloseTo(4 * GUARANTEE, within(0.1));
  }

  @Test
  void aChangedGuaranteeAppliesFromTheChangeOn() {
    meter.setWaiting(true, 0);
    meter.setGuarantee(10 * GUARANTEE, SECOND);
    assertThat(meter.owed(2 * SECOND)).isCloseTo(11 * GUARANTEE, within(0.1));
  }

  @Test
  void bestEffortHasNoShortfall() {
    ShortfallMeter bestEffort = new ShortfallMeter(0, SAMPLE_SIZE);
    bestEffort.setWaiting(true, 0);
    assertThat(bestEffort.shortfall(1_000 * SECOND)).isZero();
  }
}
