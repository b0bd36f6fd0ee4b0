package io.netrng.server.observability;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netrng.server.healthtest.HealthTest;
import io.netrng.server.source.DeviceState;
import io.netrng.server.source.DeviceStatus;
import io.netrng.server.source.Source;
import java.util.List;

/** The devices in numbers. */
final class SourceMetrics implements MeterBinder {

  private final Source source;

  SourceMetrics(Source source) {
    this.source = source;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    List<DeviceStatus> devices = source.devices();
    for (int i = 0; i < devices.size(); i++) {
      int index = i;
      String device = devices.get(i).device().toString();
      FunctionCounter.builder("netrng.source.read", source, s -> s.devices().get(index).bytesRead())
          .description("Bytes read from the device.")
          .baseUnit("bytes")
          .tag("device", device)
          .register(registry);
      Gauge.builder(
              "netrng.source.rate.bytes.per.second", source, s -> s.devices().get(index).rate())
          .description("How fast the device gave its bytes while it was being read.")
          .tag("device", device)
          .register(registry);
      Gauge.builder(
              "netrng.source.capacity.bytes.per.second",
              source,
              s -> s.devices().get(index).capacity())
          .description(
              "How fast the device can give its bytes: measured while it is busy, or as pinned;"
                  + " NaN while that is not known.")
          .tag("device", device)
          .register(registry);
      Gauge.builder(
              "netrng.source.min.entropy.per.byte",
              source,
              s -> s.devices().get(index).figures().minEntropy())
          .description(
              "Min-entropy per byte in bits, by the most-common-value estimate (SP 800-90B 6.3.1);"
                  + " NaN while it is not known.")
          .tag("device", device)
          .register(registry);
      Gauge.builder(
              "netrng.source.monobit.bias.ratio",
              source,
              s -> s.devices().get(index).figures().monobitBias())
          .description("Share of ones among all bits, less a half; NaN while it is not known.")
          .tag("device", device)
          .register(registry);
      Gauge.builder("netrng.source.silent", source, s -> s.devices().get(index).silent() ? 1 : 0)
          .description(
              "1 while the device gives nothing, for a minute or more, though somebody waits.")
          .tag("device", device)
          .register(registry);
      for (HealthTest test : HealthTest.values()) {
        FunctionCounter.builder(
                "netrng.health.test.failures",
                source,
                s -> s.devices().get(index).testFailures().getOrDefault(test, 0L))
            .description("Health tests that the device has failed.")
            .tag("device", device)
            .tag("test", test.externalName())
            .register(registry);
      }
      for (DeviceState state : DeviceState.values()) {
        Gauge.builder(
                "netrng.source.state", source, s -> s.devices().get(index).state() == state ? 1 : 0)
            .description("1 for the state that the device is in, 0 for the others.")
            .tag("device", device)
            .tag("state", state.externalName())
            .register(registry);
      }
    }
  }
}
