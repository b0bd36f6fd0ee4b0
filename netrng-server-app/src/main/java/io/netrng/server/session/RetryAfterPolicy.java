// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Computes when refused clients should reconnect. The time grows with the number of recent
 * refusals, so that the load on a full server decreases. The time is jittered, so that clients that
 * are refused together reconnect one by one.
 */
final class RetryAfterPolicy {

  private static final Duration SHORTEST = Duration.ofSeconds(2);
  private static final Duration LONGEST = Duration.ofMinutes(10);

  /** This number of refusals in a minute doubles the retry time. */
  private static final double DOUBLED_BY = 6;

  private static final double MEMORY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final LongSupplier nanoTime;
  private final RandomGenerator random;
  private double lately;
  private long countedAt;

  RetryAfterPolicy(LongSupplier nanoTime, RandomGenerator random) {
    this.nanoTime = nanoTime;
    this.random = random;
    countedAt = nanoTime.getAsLong();
  }

  /** Counts a refusal and returns its retry time, in milliseconds. */
  long retryAfterMillis() {
    long now = nanoTime.getAsLong();
    lately = lately * Math.exp((double) (countedAt - now) / MEMORY_NANOS);
    countedAt = now;
    double millis = SHORTEST.toMillis() * (1 + lately / DOUBLED_BY);
    lately++;
    return jittered(
        Duration.ofMillis((long) Math.min(millis, (double) LONGEST.toMillis())), random);
  }

  /** Returns a random time between one and two times the minimum. */
  static long jittered(Duration atLeast, RandomGenerator random) {
    long millis = atLeast.toMillis();
    return millis + random.nextLong(millis + 1);
  }
}
