package io.netrng.server.source;

import io.netrng.server.source.Source.Availability;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * All devices as they were a moment ago.
 *
 * @param devices in the order of the configuration
 * @param readySize bytes that were ready
 * @param measured whether the capacity of any device is known, or was once
 * @param pinned whether an operator has set the capacity, so that it is not measured
 */
public record SourceStatus(
    List<DeviceStatus> devices, long readySize, boolean measured, boolean pinned) {

  /** Bytes per second that the devices can give together; 0 while none of them is known. */
  public double capacity() {
    return devices.stream().mapToDouble(DeviceStatus::capacity).filter(c -> !Double.isNaN(c)).sum();
  }

  /** How long ago the oldest value in the capacity was measured; zero if it is pinned. */
  public Duration capacityAge() {
    return devices.stream()
        .filter(d -> !Double.isNaN(d.capacity()))
        .map(DeviceStatus::capacityAge)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }

  /**
   * How fast the devices that are being read give their bytes in the time that is spent on reading
   * them, in bytes per second; 0 before the first byte.
   */
  public double readRate() {
    return devices.stream()
        .filter(d -> d.state().isReading())
        .mapToDouble(DeviceStatus::rate)
        .sum();
  }

  /**
   * Whether samples can be handed out, or else when that can be expected. They are held back until
   * a device has passed its start-up test and its capacity is known.
   */
  public Availability availability() {
    if (!measured && any(d -> d.untilCapacity() != null)) {
      return new Availability.Expected(earliest(Source.FIRST_PAUSE));
    }
    if (readySize > 0 || any(d -> d.state() == DeviceState.HEALTHY && !d.silent())) {
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
