// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netrng.client.rngd.FailureReason;
import io.netrng.client.rngd.FeedBuffer;
import io.netrng.client.rngd.RngdState;
import io.netrng.client.rngd.RngdSupervisor;
import io.netrng.client.stream.ServerAddress;
import io.netrng.client.stream.ServerState;
import io.netrng.client.stream.StreamState;
import io.netrng.client.stream.StreamStatus;
import java.time.Instant;

/** The client's metrics. */
final class ClientMetrics implements MeterBinder {

  private static final String BYTES = "bytes";
  private static final double MILLIS_PER_SECOND = 1_000;

  private final StreamStatus stream;
  private final FeedBuffer feed;
  private final RngdSupervisor rngd;

  ClientMetrics(StreamStatus stream, FeedBuffer feed, RngdSupervisor rngd) {
    this.stream = stream;
    this.feed = feed;
    this.rngd = rngd;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    FunctionCounter.builder("netrng.received", stream, StreamStatus::receivedBytes)
        .baseUnit(BYTES)
        .description("Entropy received from servers")
        .register(registry);
    FunctionCounter.builder("netrng.rngd.fed", feed, FeedBuffer::fedBytes)
        .baseUnit(BYTES)
        .description("Entropy written into the pipe of rngd")
        .register(registry);
    FunctionCounter.builder("netrng.rngd.consumed", feed, FeedBuffer::consumedBytes)
        .baseUnit(BYTES)
        .description("Entropy that rngd has read from its pipe")
        .register(registry);
    TimeGauge.builder("netrng.rngd.taken.timestamp", this, SECONDS, ClientMetrics::takenAt)
        .description("Unix time when rngd last took entropy; 0 if it never did")
        .register(registry);
    TimeGauge.builder("netrng.rngd.idle.limit", this, SECONDS, ClientMetrics::idleLimit)
        .description("How long rngd may take no entropy before the client is not ready")
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
    Gauge.builder(
            "netrng.stream.up", stream, s -> s.state() instanceof StreamState.Streaming ? 1 : 0)
        .description("1 while a server admits the client")
        .register(registry);
    FunctionCounter.builder("netrng.stream.failbacks", stream, StreamStatus::failbacks)
        .description("Returns of the stream to a preferred server")
        .register(registry);
    for (String reason : StreamStatus.reasons()) {
      FunctionCounter.builder("netrng.stream.failures", stream, s -> s.failures(reason))
          .description("Connections to servers that failed or ended, by reason")
          .tag("reason", reason)
          .register(registry);
    }
    for (ServerAddress server : stream.servers()) {
      for (ServerState state : ServerState.values()) {
        Gauge.builder("netrng.server.state", stream, s -> s.stateOf(server) == state ? 1 : 0)
            .description("1 for the state of the server, 0 for the others")
            .tag("server", server.toString())
            .tag("state", state.externalName())
            .register(registry);
      }
    }
  }

  private double idleLimit() {
    return KernelHealth.lately(stream.dueTime(), rngd.longestWait()).toSeconds();
  }

  private double takenAt() {
    return rngd.sinceTaken()
        .map(ago -> Instant.now().minus(ago).toEpochMilli() / MILLIS_PER_SECOND)
        .orElse(0.0);
  }
}
