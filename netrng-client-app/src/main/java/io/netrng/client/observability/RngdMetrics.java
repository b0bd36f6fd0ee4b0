// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netrng.client.rngd.FailureReason;
import io.netrng.client.rngd.RngdState;
import io.netrng.client.rngd.RngdSupervisor;
import io.netrng.client.sink.FeedBuffer;

/** The metrics of the sink rngd. */
final class RngdMetrics implements MeterBinder {

  private static final String BYTES = "bytes";

  private final FeedBuffer feed;
  private final RngdSupervisor rngd;

  RngdMetrics(FeedBuffer feed, RngdSupervisor rngd) {
    this.feed = feed;
    this.rngd = rngd;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    FunctionCounter.builder("netrng.rngd.fed", feed, FeedBuffer::fedBytes)
        .baseUnit(BYTES)
        .description("Entropy written into the pipe of rngd")
        .register(registry);
    FunctionCounter.builder("netrng.rngd.consumed", feed, FeedBuffer::consumedBytes)
        .baseUnit(BYTES)
        .description("Entropy that rngd has read from its pipe")
        .register(registry);
    FunctionCounter.builder("netrng.rngd.restarts", rngd, RngdSupervisor::restarts)
        .description("Starts of rngd after the first")
        .register(registry);
    for (FailureReason reason : FailureReason.values()) {
      FunctionCounter.builder("netrng.rngd.failures", rngd, r -> r.failures(reason))
          .description("Failures of rngd by reason")
          .tag("reason", reason.externalName())
          .register(registry);
    }
    FunctionCounter.builder("netrng.rngd.fips.failures", rngd, RngdSupervisor::fipsFailures)
        .description("Failed FIPS 140-2 tests that rngd has reported")
        .register(registry);
    Gauge.builder("netrng.rngd.up", rngd, r -> r.state() instanceof RngdState.Running ? 1 : 0)
        .description("1 while an rngd is running")
        .register(registry);
  }
}
