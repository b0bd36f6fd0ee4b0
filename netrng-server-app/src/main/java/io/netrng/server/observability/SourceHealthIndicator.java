// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.observability;

import io.netrng.server.device.HardwareRng;
import io.netrng.server.source.DeviceState;
import io.netrng.server.source.DeviceStatus;
import io.netrng.server.source.Source;
import io.netrng.server.source.Source.Availability;
import io.netrng.server.source.SourceStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Component {@code source}: up while entropy is available. It is available once a device has passed
 * its start-up test and the start-up read has measured the capacity. An open device without a byte
 * for a minute, while a client waits, does not count. Ready samples do not count either, while a
 * device has failed and no other provides bytes.
 */
final class SourceHealthIndicator extends AbstractHealthIndicator {

  private final Source source;

  SourceHealthIndicator(Source source) {
    super("the state of the source cannot be read");
    this.source = source;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    SourceStatus status = source.status();
    List<DeviceStatus> devices = status.devices();
    long ready = status.readySize();
    boolean gives =
        status.availability() instanceof Availability.Available
            && (devices.stream().anyMatch(SourceHealthIndicator::gives)
                || (ready > 0 && devices.stream().noneMatch(SourceHealthIndicator::isUnsound)));
    builder.status(gives ? "UP" : "DOWN").withDetail("readyBytes", ready);
    builder.withDetails(capacity(status));
    devices.forEach(d -> builder.withDetail(d.device(), details(d)));
  }

  /** The capacity of all devices; while it is unknown, only whether it is pinned. */
  static Map<String, Object> capacity(SourceStatus status) {
    Map<String, Object> details = new LinkedHashMap<>();
    if (status.measured()) {
      details.put("capacityBytesPerSecond", Math.round(status.capacity()));
      details.put("secondsSinceMeasured", status.capacityAge().toSeconds());
    }
    details.put("pinned", status.pinned());
    return details;
  }

  private static boolean gives(DeviceStatus device) {
    return device.state() == DeviceState.HEALTHY && !device.silent();
  }

  private static boolean isUnsound(DeviceStatus device) {
    return device.state() == DeviceState.FAILED || device.state() == DeviceState.STARTUP;
  }

  private static Map<String, Object> details(DeviceStatus device) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("state", device.state().externalName());
    details.put("description", device.info().description());
    HardwareRng drivers = device.info().hardwareRng();
    if (drivers != null) {
      details.put("available", drivers.available());
      if (drivers.quality() != null) {
        details.put("quality", drivers.quality());
      }
    }
    device
        .warnings()
        .forEach(
            warning -> details.put("warning-" + warning.kind().externalName(), warning.text()));
    if (device.reason() != null) {
      details.put("reason", device.reason());
    }
    if (device.untilRetry() != null) {
      details.put("secondsToRetry", device.untilRetry().toSeconds());
    }
    if (device.untilTested() != null) {
      details.put("secondsToTest", device.untilTested().toSeconds());
    }
    device.testFailures().entrySet().stream()
        .filter(failures -> failures.getValue() > 0)
        .forEach(failures -> details.put(failures.getKey().externalName(), failures.getValue()));
    details.put("readBytes", device.bytesRead());
    details.put("bytesPerSecond", Math.round(device.rate()));
    if (!Double.isNaN(device.capacity())) {
      details.put("capacityBytesPerSecond", Math.round(device.capacity()));
    }
    if (device.silent()) {
      details.put("secondsSilent", device.silence().toSeconds());
    }
    return details;
  }
}
