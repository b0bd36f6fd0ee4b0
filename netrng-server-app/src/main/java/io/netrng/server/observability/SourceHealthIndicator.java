package io.netrng.server.observability;

import io.netrng.server.source.Capacity;
import io.netrng.server.source.DeviceState;
import io.netrng.server.source.DeviceStatus;
import io.netrng.server.source.Source;
import io.netrng.server.source.Source.Availability;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Component {@code source}: up while entropy can be handed out, which it cannot before a device has
 * passed its start-up test and the start-up read has shown how much there is. A device that is open
 * and gives nothing for a minute, though somebody waits, does not count; nor does what is ready
 * while a device has failed and no other gives anything.
 */
final class SourceHealthIndicator extends AbstractHealthIndicator {

  private final Source source;

  SourceHealthIndicator(Source source) {
    super("the state of the source cannot be read");
    this.source = source;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    List<DeviceStatus> devices = source.devices();
    long ready = source.stream().readySize();
    boolean gives =
        source.availability() instanceof Availability.Available
            && (devices.stream().anyMatch(SourceHealthIndicator::gives)
                || (ready > 0 && devices.stream().noneMatch(SourceHealthIndicator::isUnsound)));
    builder.status(gives ? "UP" : "DOWN").withDetail("readyBytes", ready);
    builder.withDetails(capacity(source));
    devices.forEach(d -> builder.withDetail(d.device().toString(), details(d)));
  }

  /** What the devices can give together: nothing but whether it is pinned while it is not known. */
  static Map<String, Object> capacity(Source source) {
    Capacity capacity = source.capacity();
    Map<String, Object> details = new LinkedHashMap<>();
    if (source.isMeasured()) {
      details.put("capacityBytesPerSecond", Math.round(capacity.bytesPerSecond()));
      details.put("secondsSinceMeasured", capacity.age().toSeconds());
    }
    details.put("pinned", capacity.pinned());
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
