// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.rate.TokenBucket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The ceilings of the API's clients, each over all connections of an identity. A program may
 * connect for each request, and each connection would begin with a full burst. Any thread may call
 * the methods.
 */
final class Ceilings {

  /** The burst of a ceiling: the bytes of this time, and at least one sample. */
  private static final double DEPTH_SECONDS = 1;

  /** Buckets that are full again are forgotten when there are more than this. */
  private static final int MANY = 1_024;

  private final int sampleSize;
  private final LongSupplier nanoTime;
  private final Map<String, Limit> limits = new HashMap<>();

  private record Limit(long ceiling, double depth, TokenBucket bucket) {}

  /**
   * Creates ceilings of clients that have taken nothing yet.
   *
   * @param sampleSize in bytes
   * @param nanoTime a clock, in nanoseconds
   */
  Ceilings(int sampleSize, LongSupplier nanoTime) {
    this.sampleSize = sampleSize;
    this.nanoTime = nanoTime;
  }

  /**
   * Takes bytes from the ceiling of a client. One answer may exceed the burst, and delays the next
   * ones.
   *
   * @param ceiling in bytes per second
   * @return the time after which the client may try again; empty if it may have the bytes now
   */
  synchronized Optional<Duration> take(String identity, long ceiling, long bytes) {
    long now = nanoTime.getAsLong();
    Limit limit = limits.get(identity);
    if (limit == null || limit.ceiling != ceiling) {
      forgetFull(now);
      double depth = Math.max(sampleSize, ceiling * DEPTH_SECONDS);
      limit = new Limit(ceiling, depth, new TokenBucket(ceiling, depth, now));
      limits.put(identity, limit);
    }
    long least = (long) Math.min((double) bytes, limit.depth);
    if (limit.bucket.available(now) < least) {
      return Optional.of(Duration.ofNanos(limit.bucket.nanosUntil(least)));
    }
    limit.bucket.take(bytes);
    return Optional.empty();
  }

  private void forgetFull(long now) {
    if (limits.size() >= MANY) {
      limits.values().removeIf(limit -> limit.bucket.available(now) >= (long) limit.depth);
    }
  }
}
