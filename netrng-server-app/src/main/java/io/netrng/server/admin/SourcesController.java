// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.server.device.DeviceWarning;
import io.netrng.server.device.HardwareRng;
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
      String kind,
      String description,
      @Nullable HardwareRng hardwareRng,
      String state,
      @Nullable String reason,
      double rate,
      @Nullable Double capacity,
      long capacityAge,
      long read,
      long silence,
      Map<String, Long> testFailures,
      @Nullable Double minEntropy,
      @Nullable Double minEntropyAtMost,
      @Nullable Double monobitBias,
      List<WarningView> warnings,
      @Nullable TestView lastTest,
      @Nullable FailureView lastFailure,
      double minEntropyClaim,
      String conditioning) {

    private static DeviceView of(DeviceStatus device) {
      return new DeviceView(
          device.device(),
          device.info().kind(),
          device.info().description(),
          device.info().hardwareRng(),
          device.state().externalName(),
          device.reason(),
          device.rate(),
          known(device.capacity()),
          seconds(device.capacityAge()),
          device.bytesRead(),
          seconds(device.silence()),
          byName(device.testFailures()),
          known(device.figures().minEntropy()),
          known(device.figures().minEntropyAtMost()),
          known(device.figures().monobitBias()),
          device.warnings().stream().map(WarningView::of).toList(),
          TestView.of(device.lastTest()),
          FailureView.of(device.lastFailure()),
          device.minEntropyClaim(),
          device.conditioning().externalName());
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

  /** A reason not to trust a device in the API. */
  record WarningView(String kind, String text) {

    private static WarningView of(DeviceWarning warning) {
      return new WarningView(warning.kind().externalName(), warning.text());
    }
  }

  /**
   * The result of a start-up test in the API.
   *
   * @param failed the test that failed; absent if all passed
   */
  record TestView(Instant at, boolean passed, @Nullable String failed) {

    static @Nullable TestView of(DeviceStatus.@Nullable TestResult result) {
      return result == null
          ? null
          : new TestView(
              result.at(),
              result.failed() == null,
              result.failed() == null ? null : result.failed().externalName());
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
