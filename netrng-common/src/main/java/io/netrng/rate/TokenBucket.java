// SPDX-License-Identifier: Apache-2.0
package io.netrng.rate;

import java.util.concurrent.TimeUnit;

/**
 * A token bucket of bytes, which starts full. The caller passes the time, in nanoseconds. Not
 * thread-safe.
 */
public final class TokenBucket {

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final double bytesPerNano;
  private final double depth;
  private double tokens;
  private long filledAt;

  /**
   * Makes a full bucket.
   *
   * @param rate in bytes per second, more than 0
   * @param depth the maximum content, in bytes; with {@link Double#POSITIVE_INFINITY} it never
   *     empties
   * @param now on any clock of nanoseconds
   */
  public TokenBucket(long rate, double depth, long now) {
    bytesPerNano = rate / NANOS_PER_SECOND;
    this.depth = depth;
    tokens = depth;
    filledAt = now;
  }

  /** Refills the bucket, and returns its content in bytes; negative after an overdraft. */
  public long available(long now) {
    tokens = Math.min(depth, tokens + (now - filledAt) * bytesPerNano);
    filledAt = now;
    return (long) tokens;
  }

  /** Removes bytes; may overdraw the bucket. */
  public void take(long bytes) {
    tokens -= bytes;
  }

  /** Returns whether the bucket can ever hold this many bytes. */
  public boolean canHold(long bytes) {
    return bytes <= depth;
  }

  /**
   * Returns the time from the last refill until it holds this many bytes, if none are taken before.
   */
  public long nanosUntil(long bytes) {
    return (long) Math.ceil(Math.max(0, bytes - tokens) / bytesPerNano);
  }
}
