package io.netrng.rate;

import java.util.concurrent.TimeUnit;

/**
 * A token bucket of bytes, which starts full. Its clock is passed in, in nanoseconds. Not thread
 * safe.
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
   * @param depth the most that it holds, in bytes; {@link Double#POSITIVE_INFINITY} never runs out
   * @param now on any clock of nanoseconds
   */
  public TokenBucket(long rate, double depth, long now) {
    bytesPerNano = rate / NANOS_PER_SECOND;
    this.depth = depth;
    tokens = depth;
    filledAt = now;
  }

  /** Refills the bucket, and returns how many bytes it holds; less than 0 after an overdraft. */
  public long available(long now) {
    tokens = Math.min(depth, tokens + (now - filledAt) * bytesPerNano);
    filledAt = now;
    return (long) tokens;
  }

  /** Removes bytes, which may be more than there are. */
  public void take(long bytes) {
    tokens -= bytes;
  }

  /** Whether the bucket can ever hold so many bytes. */
  public boolean canHold(long bytes) {
    return bytes <= depth;
  }

  /** How long after the last refill it holds so many bytes, if none are taken meanwhile. */
  public long nanosUntil(long bytes) {
    return (long) Math.ceil(Math.max(0, bytes - tokens) / bytesPerNano);
  }
}
