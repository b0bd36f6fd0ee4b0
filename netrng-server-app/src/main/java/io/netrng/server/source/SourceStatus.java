// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.server.source.Source.Availability;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * A snapshot of all devices.
 *
 * @param devices in the order of the configuration
 * @param readySize bytes that were ready
 * @param measured whether the capacity of any device is or was known
 * @param pinned whether an operator has set the capacity, so that it is not measured
 */
public record SourceStatus(
    List<DeviceStatus> devices, long readySize, boolean measured, boolean pinned) {

  /**
   * The sum of the devices' known capacities, in released bytes per second; 0 while none is known.
   */
  public double capacity() {
    return devices.stream().mapToDouble(DeviceStatus::capacity).filter(c -> !Double.isNaN(c)).sum();
  }

  /** The age of the oldest value in the capacity; zero if it is pinned. */
  public Duration capacityAge() {
    return devices.stream()
        .filter(d -> !Double.isNaN(d.capacity()))
        .map(DeviceStatus::capacityAge)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }

  /**
   * The sum of the rates of the devices that are being read, in bytes that they release per second
   * of time spent in reads; 0 before the first byte.
   */
  public double readRate() {
    return devices.stream()
        .filter(d -> d.state().isReading())
        .mapToDouble(d -> d.rate() * d.outputRatio())
        .sum();
  }

  /** Whether any device passes its tests and is not silent. */
  public boolean isHealthy() {
    return any(d -> d.state() == DeviceState.HEALTHY && !d.silent());
  }

  /**
   * Whether samples are available, or when they are expected. No sample is handed out until a
   * device has passed its start-up test and its capacity is known.
   */
  public Availability availability() {
    if (!measured && any(d -> d.untilCapacity() != null)) {
      return new Availability.Expected(earliest(Source.FIRST_PAUSE));
    }
    if (readySize > 0 || isHealthy()) {
      return new Availability.Available();
    }
    if (!any(d -> d.state() != DeviceState.EXHAUSTED)) {
      return new Availability.Exhausted();
    }
    return new Availability.Expected(
        earliest(any(DeviceStatus::silent) ? SampleBuffer.LONG_WAIT : Source.FIRST_PAUSE));
  }

  private boolean any(Predicate<DeviceStatus> matching) {
    return devices.stream().anyMatch(matching);
  }

  private Duration earliest(Duration otherwise) {
    return devices.stream()
        .map(DeviceStatus::untilReady)
        .filter(Objects::nonNull)
        .min(Duration::compareTo)
        .orElse(otherwise);
  }
}
