package io.netrng.server.session;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * When those who are turned away are to come back. The more have been turned away lately, the later
 * the next one is asked to return, so that a crowd in front of a full server thins out by itself.
 * The time is jittered, so that those who are turned away together come back one by one.
 */
final class RetryAfterPolicy {

  private static final Duration SHORTEST = Duration.ofSeconds(2);
  private static final Duration LONGEST = Duration.ofMinutes(10);

  /** So many refusals in a minute ask the next one for twice the shortest time. */
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

  /** Counts one more, and says when it is to come back, in milliseconds. */
  long retryAfterMillis() {
    long now = nanoTime.getAsLong();
    lately = lately * Math.exp((double) (countedAt - now) / MEMORY_NANOS);
    countedAt = now;
    double millis = SHORTEST.toMillis() * (1 + lately / DOUBLED_BY);
    lately++;
    return jittered(
        Duration.ofMillis((long) Math.min(millis, (double) LONGEST.toMillis())), random);
  }

  /** From once to twice the time. */
  static long jittered(Duration atLeast, RandomGenerator random) {
    long millis = atLeast.toMillis();
    return millis + random.nextLong(millis + 1);
  }
}
