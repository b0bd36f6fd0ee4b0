// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import java.time.Duration;
import java.time.Instant;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Always UP: shows what is watched, and the last detection. */
public final class CloneHealth extends AbstractHealthIndicator {

  private final CloneWatch watch;

  /** Shows this watch. */
  public CloneHealth(CloneWatch watch) {
    this.watch = watch;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    health.up().withDetail("signals", watch.signals()).withDetail("detections", watch.detections());
    watch
        .sinceDetection()
        .ifPresent(ago ->
            health
                .withDetail("lastSignal", watch.lastSignal())
                .withDetail("detectedAt", Instant.now().minus(ago).toString()));
    watch
        .untilFresh()
        .map(Duration::toMillis)
        .ifPresent(millis -> health.withDetail("millisToFreshEntropy", millis));
  }
}
