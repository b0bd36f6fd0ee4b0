// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;

/** The metrics of the detection of clones. */
public final class CloneMetrics implements MeterBinder {

  private final CloneWatch watch;

  /** Measures this watch. */
  public CloneMetrics(CloneWatch watch) {
    this.watch = watch;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    FunctionCounter.builder("netrng.clone.detections", watch, CloneWatch::detections)
        .description("Detected restores of this machine from a snapshot")
        .register(registry);
    TimeGauge.builder(
            "netrng.clone.fresh",
            watch,
            MILLISECONDS,
            w -> w.untilFresh().map(Duration::toMillis).orElse(0L))
        .description("Time from the last detection to fresh entropy; 0 until there is some")
        .register(registry);
  }
}
