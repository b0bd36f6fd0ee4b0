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
 * Component {@code source}: up while entropy can be handed out, which it cannot before the start-up
 * read has shown how much there is. A device that is open and gives nothing for a minute, though
 * somebody waits, does not count.
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
            && (ready > 0 || devices.stream().anyMatch(SourceHealthIndicator::gives));
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
    return device.state() == DeviceState.READING && !device.silent();
  }

  private static Map<String, Object> details(DeviceStatus device) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("state", device.state().word());
    if (device.reason() != null) {
      details.put("reason", device.reason());
    }
    if (device.untilRetry() != null) {
      details.put("secondsToRetry", device.untilRetry().toSeconds());
    }
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
