// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;

/** Time is simulated; see {@link SimulatedFifo}. */
class DeviceMeterPropertiesTest {

  private static final double PERCENT = 10;
  private static final int MINUTE = 60;

  /** The rate of a writer in bytes per second, and the size of its writes. */
  record Writer(int rate, int burst, int creditSeconds) {}

  @Provide
  Arbitrary<Writer> writers() {
    return Arbitraries.of(1_024, 64 * 1_024, 10 * 1_024 * 1_024)
        .flatMap(rate ->
            Arbitraries.integers()
                .between(1 + rate / 10_000, Math.min(64 * 1_024, rate))
                .flatMap(burst ->
                    Arbitraries.of(0, 0, 1, 5).map(credit -> new Writer(rate, burst, credit))));
  }

  private static SimulatedFifo fifo(Writer writer) {
    return new SimulatedFifo(writer.rate, writer.burst, writer.creditSeconds);
  }

  private static void assertMeasured(SimulatedFifo fifo, Writer writer, String when) {
    assertThat(fifo.value()).as("%s", when).isCloseTo(writer.rate, withinPercentage(PERCENT));
  }

  @Property(tries = 300)
  void measuresAThrottledFifoWithAnyBurstsAndKeepsTheValueBelowFullDemand(
      @ForAll("writers") Writer writer,
      @ForAll @DoubleRange(min = 0.01, max = 0.97) double share,
      @ForAll @DoubleRange(max = 100) double pause) {
    // given
    SimulatedFifo fifo = fifo(writer);

    // when, then
    fifo.idle(pause);
    fifo.demand(2.0 * writer.rate, MINUTE);
    assertMeasured(fifo, writer, "after a busy period");
    for (int second = 0; second < MINUTE; second++) {
      fifo.demand(share * writer.rate, 1);
      assertMeasured(fifo, writer, "in a minute of demand below the rate");
    }
    fifo.idle(10 * MINUTE);
    assertMeasured(fifo, writer, "after idling");
    fifo.demand(2.0 * writer.rate, MINUTE);
    assertMeasured(fifo, writer, "after another busy period");
  }

  @Property(tries = 300)
  void storedBytesBeforeTheFirstBusyPeriodDoNotDistortTheCapacity(
      @ForAll("writers") Writer writer, @ForAll @DoubleRange(min = 0.01, max = 0.97) double share) {
    // given
    SimulatedFifo fifo = fifo(writer);
    double first = fifo.value();

    // when
    fifo.demand(share * writer.rate, MINUTE);

    // then
    assertThat(fifo.value())
        .satisfiesAnyOf(
            value -> assertThat(value).isEqualTo(first),
            value -> assertThat(value).isCloseTo(writer.rate, withinPercentage(PERCENT)));
  }
}
