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
  private final Map<Key, Limit> limits = new HashMap<>();

  /**
   * Who shares a ceiling.
   *
   * @param anonymous whether the name is that of all anonymous machines; a client may have it too
   */
  record Key(String identity, boolean anonymous) {}

  private record Limit(long ceiling, double depth, TokenBucket bucket) {

    /** The time from the last refill until the ceiling allows these bytes; empty if it does. */
    Optional<Duration> waitFor(long bytes, long now) {
      long least = (long) Math.min((double) bytes, depth);
      return bucket.available(now) < least
          ? Optional.of(Duration.ofNanos(bucket.nanosUntil(least)))
          : Optional.empty();
    }
  }

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
   * Returns the time after which a client may take bytes; empty if it may have them now.
   *
   * @param ceiling in bytes per second
   */
  synchronized Optional<Duration> check(Key key, long ceiling, long bytes) {
    long now = nanoTime.getAsLong();
    return limit(key, ceiling, now).waitFor(bytes, now);
  }

  /**
   * Takes bytes from the ceiling of a client. One answer may exceed the burst, and delays the next
   * ones.
   *
   * @param ceiling in bytes per second
   * @return the time after which the client may try again; empty if it may have the bytes now
   */
  synchronized Optional<Duration> take(Key key, long ceiling, long bytes) {
    long now = nanoTime.getAsLong();
    Limit limit = limit(key, ceiling, now);
    Optional<Duration> wait = limit.waitFor(bytes, now);
    if (wait.isEmpty()) {
      limit.bucket.take(bytes);
    }
    return wait;
  }

  /** A client keeps what it has left, or owes, when its ceiling changes. */
  private Limit limit(Key key, long ceiling, long now) {
    Limit last = limits.get(key);
    if (last != null && last.ceiling == ceiling) {
      return last;
    }
    forgetFull(now);
    double depth = Math.max(sampleSize, ceiling * DEPTH_SECONDS);
    Limit next = new Limit(ceiling, depth, new TokenBucket(ceiling, depth, now));
    if (last != null) {
      next.bucket.take((long) depth - Math.min((long) depth, last.bucket.available(now)));
    }
    limits.put(key, next);
    return next;
  }

  private void forgetFull(long now) {
    if (limits.size() >= MANY) {
      limits.values().removeIf(limit -> limit.bucket.available(now) >= (long) limit.depth);
    }
  }
}
