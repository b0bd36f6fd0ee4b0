// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.server.healthtest.HealthTest;
import io.netrng.server.session.SessionRegistry;
import io.netrng.server.source.DeviceStatus;
import io.netrng.server.source.Source;
import io.netrng.server.source.SourceStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/v1/sources")
class SourcesController {

  private final Source source;
  private final SessionRegistry sessions;

  SourcesController(Source source, SessionRegistry sessions) {
    this.source = source;
    this.sessions = sessions;
  }

  /** All devices, and their sums. */
  record SourcesView(
      double capacity,
      double promisable,
      long promised,
      boolean degraded,
      List<DeviceView> sources) {}

  /** A device in the API. */
  record DeviceView(
      String device,
      String description,
      String state,
      @Nullable String reason,
      double rate,
      @Nullable Double capacity,
      long capacityAge,
      long read,
      long silence,
      Map<String, Long> testFailures,
      @Nullable Double minEntropy,
      @Nullable Double monobitBias,
      @Nullable FailureView lastFailure) {

    private static DeviceView of(DeviceStatus device) {
      return new DeviceView(
          device.device(),
          device.info().description(),
          device.state().externalName(),
          device.reason(),
          device.rate(),
          known(device.capacity()),
          seconds(device.capacityAge()),
          device.bytesRead(),
          seconds(device.silence()),
          byName(device.testFailures()),
          known(device.figures().minEntropy()),
          known(device.figures().monobitBias()),
          FailureView.of(device.lastFailure()));
    }

    private static @Nullable Double known(double figure) {
      return Double.isNaN(figure) ? null : figure;
    }

    private static long seconds(Duration duration) {
      return duration.toSeconds();
    }

    private static Map<String, Long> byName(Map<HealthTest, Long> failures) {
      Map<String, Long> byName = new TreeMap<>();
      failures.forEach((test, count) -> byName.put(test.externalName(), count));
      return byName;
    }
  }

  /** A device's failure in the API. */
  record FailureView(Instant at, String reason) {

    private static @Nullable FailureView of(DeviceStatus.@Nullable Failure failure) {
      return failure == null ? null : new FailureView(failure.at(), failure.reason());
    }
  }

  @GetMapping
  SourcesView show() {
    SourceStatus status = source.status();
    return new SourcesView(
        status.capacity(),
        sessions.promisable(),
        sessions.promised(),
        sessions.isDegraded(),
        status.devices().stream().map(DeviceView::of).toList());
  }
}
