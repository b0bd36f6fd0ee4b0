package io.netrng.server.admin;

import io.netrng.server.healthtest.HealthTest;
import io.netrng.server.session.SessionRegistry;
import io.netrng.server.source.DeviceStatus;
import io.netrng.server.source.Source;
import io.netrng.server.source.SourceStatus;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
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
@Tag(name = "Sources", description = "The devices, and what is promised of what they give.")
class SourcesController {

  private final Source source;
  private final SessionRegistry sessions;

  SourcesController(Source source, SessionRegistry sessions) {
    this.source = source;
    this.sessions = sessions;
  }

  /** All devices, and their sums. */
  record SourcesView(
      @Schema(description = "What all devices can give, in bytes per second.") double capacity,
      @Schema(description = "The most of it that may be promised.") double promisable,
      @Schema(description = "The sum of the guarantees that are given.") long promised,
      @Schema(description = "Whether the devices give less than is promised.") boolean degraded,
      List<DeviceView> sources) {}

  /** A device as administrators see it. */
  record DeviceView(
      String device,
      @Schema(description = "opening, startup, healthy, failed or exhausted.") String state,
      @Schema(description = "Why it failed; not there in other states.") @Nullable String reason,
      @Schema(description = "How fast it gave its bytes while it was read, in bytes per second.")
          double rate,
      @Schema(description = "What it can give, in bytes per second; not there while not known.")
          @Nullable Double capacity,
      @Schema(description = "How long ago that was measured, in seconds.") long capacityAge,
      @Schema(description = "Bytes read since the start.") long read,
      @Schema(description = "For how long somebody has waited for a byte, in seconds.")
          long silence,
      @Schema(description = "How often it has failed each health test since the start.")
          Map<String, Long> testFailures,
      @Schema(
              description =
                  "The most-common-value estimate of the min-entropy of a byte, in bits; not there"
                      + " before enough bytes were counted.")
          @Nullable Double minEntropy,
      @Schema(
              description =
                  "The share of ones among all bits less a half; not there before enough bytes were"
                      + " counted.")
          @Nullable Double monobitBias,
      @Schema(description = "Its last failure since the start; not there if there was none.")
          @Nullable FailureView lastFailure) {

    private static DeviceView of(DeviceStatus device) {
      return new DeviceView(
          device.device().toString(),
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

  /** A device's failure as administrators see it. */
  record FailureView(Instant at, String reason) {

    private static @Nullable FailureView of(DeviceStatus.@Nullable Failure failure) {
      return failure == null ? null : new FailureView(failure.at(), failure.reason());
    }
  }

  @GetMapping
  @Operation(summary = "Shows the devices")
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
