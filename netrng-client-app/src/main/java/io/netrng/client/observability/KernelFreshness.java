// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netrng.client.egd.Guests;
import io.netrng.client.sink.Sink;
import io.netrng.client.stream.StreamStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How long ago the kernel got entropy, and how long ago it may be. With a guarantee, the limit is
 * the time in which three pieces of the sink and three samples are due at the granted rate. Each
 * guest may take as much as the kernel, so the time is multiplied by the number of both. Best
 * effort has no rate, so its limit is three times the longest of the recent waits. The limit is
 * never less than one minute.
 */
record KernelFreshness(StreamStatus stream, Guests guests, Sink sink) implements MeterBinder {

  private static final Duration LEAST = Duration.ofMinutes(1);
  private static final double MILLIS_PER_SECOND = 1_000;

  /** Waits vary, mainly with the number of clients. */
  private static final int WAITS = 3;

  /** Returns the longest time since the sink last took entropy at which the state is UP. */
  Duration limit() {
    return limit(stream.dueTime(), 1 + guests.connections(), sink.longestWait());
  }

  /**
   * Returns the limit.
   *
   * @param due the time in which entropy is due; empty for best effort
   * @param consumers the kernel and the guests
   * @param longestWait the longest of the recent waits for entropy
   */
  static Duration limit(Optional<Duration> due, int consumers, Duration longestWait) {
    Duration expected =
        due.map(time -> time.multipliedBy(consumers)).orElse(longestWait.multipliedBy(WAITS));
    return expected.compareTo(LEAST) > 0 ? expected : LEAST;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    TimeGauge.builder("netrng.kernel.taken.timestamp", this, SECONDS, k -> k.takenTimestamp())
        .description("Unix time when the sink last took entropy for the kernel; 0 if it never did")
        .register(registry);
    TimeGauge.builder("netrng.kernel.idle.limit", this, SECONDS, k -> k.limit().toSeconds())
        .description("How long the sink may take no entropy before the client is not ready")
        .register(registry);
  }

  /** Returns the Unix time when the sink last took entropy, in seconds; 0 if it never did. */
  private double takenTimestamp() {
    return sink.sinceTaken()
        .map(ago -> Instant.now().minus(ago).toEpochMilli() / MILLIS_PER_SECOND)
        .orElse(0.0);
  }
}
