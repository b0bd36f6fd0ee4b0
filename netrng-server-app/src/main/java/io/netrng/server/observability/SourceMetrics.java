// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.observability;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netrng.server.device.DeviceInfo;
import io.netrng.server.device.DeviceWarning;
import io.netrng.server.device.HardwareRng;
import io.netrng.server.healthtest.HealthTest;
import io.netrng.server.source.DeviceState;
import io.netrng.server.source.DeviceStatus;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.annotation.Scheduled;

/** The metrics of the devices. The meters of one scrape share one snapshot of all devices. */
final class SourceMetrics implements MeterBinder {

  /** Longer than a scrape takes, and shorter than the interval between two. */
  private static final long SNAPSHOT_LIFETIME = TimeUnit.MILLISECONDS.toNanos(100);

  private final Supplier<List<DeviceStatus>> source;
  private final LongSupplier nanoTime;
  private List<DeviceStatus> snapshot;
  private long takenAt;
  private @Nullable MultiGauge descriptions;
  private List<DeviceInfo> described = List.of();

  /**
   * Takes the first snapshot.
   *
   * @param source takes a snapshot: the same devices each time, in the same order
   * @param nanoTime a clock, in nanoseconds
   */
  SourceMetrics(Supplier<List<DeviceStatus>> source, LongSupplier nanoTime) {
    this.source = source;
    this.nanoTime = nanoTime;
    snapshot = source.get();
    takenAt = nanoTime.getAsLong();
  }

  private synchronized List<DeviceStatus> devices() {
    long now = nanoTime.getAsLong();
    if (now - takenAt >= SNAPSHOT_LIFETIME) {
      snapshot = source.get();
      takenAt = now;
    }
    return snapshot;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    int count = devices().size();
    for (int i = 0; i < count; i++) {
      bind(registry, i, Tags.of("device", devices().get(i).device()));
    }
    descriptions =
        MultiGauge.builder("netrng.source.info")
            .description("What the device is; always 1.")
            .register(registry);
    describe();
  }

  /** Describes the devices again, because the driver of a device can change. */
  @Scheduled(fixedRate = 1_000)
  void describe() {
    List<DeviceStatus> now = devices();
    List<DeviceInfo> infos = now.stream().map(DeviceStatus::info).toList();
    if (descriptions != null && !infos.equals(described)) {
      described = infos;
      descriptions.register(
          now.stream()
              .map(SourceMetrics::description)
              .collect(Collectors.<MultiGauge.Row<?>>toList()),
          true);
    }
  }

  private static MultiGauge.Row<?> description(DeviceStatus device) {
    HardwareRng drivers = device.info().hardwareRng();
    String quality =
        drivers == null || drivers.quality() == null ? "" : drivers.quality().toString();
    String available = drivers == null ? "" : String.join(" ", drivers.available());
    return MultiGauge.Row.of(
        Tags.of(
            "device",
            device.device(),
            "kind",
            device.info().kind(),
            "description",
            device.info().description(),
            "quality",
            quality,
            "available",
            available),
        1);
  }

  private void bind(MeterRegistry registry, int device, Tags tags) {
    FunctionCounter.builder("netrng.source.read", this, of(device, DeviceStatus::bytesRead))
        .description("Bytes read from the device, before conditioning.")
        .baseUnit("bytes")
        .tags(tags)
        .register(registry);
    Gauge.builder("netrng.source.rate.bytes.per.second", this, of(device, DeviceStatus::rate))
        .description("Bytes read per second during reads, before conditioning.")
        .tags(tags)
        .register(registry);
    Gauge.builder(
            "netrng.source.capacity.bytes.per.second", this, of(device, DeviceStatus::capacity))
        .description(
            "Rate of released bytes that the device can provide: measured while it is busy, or as configured;"
                + " NaN while it is unknown.")
        .tags(tags)
        .register(registry);
    Gauge.builder(
            "netrng.source.min.entropy.per.byte", this, of(device, d -> d.figures().minEntropy()))
        .description(
            "Min-entropy per byte read in bits, by the most-common-value estimate (SP 800-90B 6.3.1);"
                + " NaN while it is unknown.")
        .tags(tags)
        .register(registry);
    Gauge.builder(
            "netrng.source.monobit.bias.ratio", this, of(device, d -> d.figures().monobitBias()))
        .description("Share of ones among all bits, minus one half; NaN while it is unknown.")
        .tags(tags)
        .register(registry);
    Gauge.builder("netrng.source.silent", this, of(device, d -> d.silent() ? 1 : 0))
        .description(
            "1 while the device has provided no byte for a minute although a client waits.")
        .tags(tags)
        .register(registry);
    for (DeviceWarning.Kind kind : DeviceWarning.Kind.values()) {
      Gauge.builder("netrng.source.warning", this, of(device, d -> warns(d, kind) ? 1 : 0))
          .description("1 while the device needs attention for this reason.")
          .tags(tags)
          .tag("warning", kind.externalName())
          .register(registry);
    }
    for (HealthTest test : HealthTest.values()) {
      FunctionCounter.builder(
              "netrng.health.test.failures",
              this,
              of(device, d -> d.testFailures().getOrDefault(test, 0L)))
          .description("Failed health tests of the device.")
          .tags(tags)
          .tag("test", test.externalName())
          .register(registry);
    }
    for (DeviceState state : DeviceState.values()) {
      Gauge.builder("netrng.source.state", this, of(device, d -> d.state() == state ? 1 : 0))
          .description("1 for the state of the device, 0 for the others.")
          .tags(tags)
          .tag("state", state.externalName())
          .register(registry);
    }
  }

  private static boolean warns(DeviceStatus device, DeviceWarning.Kind kind) {
    return device.warnings().stream().anyMatch(warning -> warning.kind() == kind);
  }

  private static ToDoubleFunction<SourceMetrics> of(
      int device, ToDoubleFunction<DeviceStatus> value) {
    return metrics -> value.applyAsDouble(metrics.devices().get(device));
  }
}
