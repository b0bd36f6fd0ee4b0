package io.netrng.server.source;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a device is held to give, as the operator says or as it was measured, in the state it is in.
 */
final class DeviceCapacity {

  private final double pinned;
  private final CapacityMeter meter;
  private final Silence silence;
  private final TestFailures testFailures;

  /**
   * Makes the capacity of one device.
   *
   * @param pinned bytes per second; NaN goes by the meter
   */
  DeviceCapacity(double pinned, CapacityMeter meter, Silence silence, TestFailures testFailures) {
    this.pinned = pinned;
    this.meter = meter;
    this.silence = silence;
    this.testFailures = testFailures;
  }

  /** In bytes per second; NaN while that is not known. */
  double bytesPerSecond(DeviceState state, long now) {
    return switch (state) {
      case OPENING -> Double.NaN;
      case STARTUP -> testFailures.inARow() > 0 ? 0 : bytesPerSecond(now);
      case HEALTHY -> bytesPerSecond(now);
      case FAILED, EXHAUSTED -> 0;
    };
  }

  private double bytesPerSecond(long now) {
    if (silence.isTooLong(now)) {
      return 0;
    }
    return Double.isNaN(pinned) ? meter.bytesPerSecond(now) : pinned;
  }

  /** How long ago it was measured; zero if it was not. */
  Duration age(DeviceState state, long now) {
    return state.isReading() && Double.isNaN(pinned) ? meter.age(now) : Duration.ZERO;
  }

  /** When it can be expected to be known; null if it is, or nothing is read. */
  @Nullable Duration untilKnown(DeviceState state, long now) {
    return state.isReading() && Double.isNaN(bytesPerSecond(state, now))
        ? meter.untilValue(now)
        : null;
  }

  /** Whether it is known, or was once. */
  boolean isMeasured(long now) {
    return !Double.isNaN(pinned) || !Double.isNaN(meter.bytesPerSecond(now));
  }
}
