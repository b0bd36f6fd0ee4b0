package io.netrng.server.distribution;

import java.util.concurrent.TimeUnit;

/** Caps a client at its ceiling. It starts full, and holds a quarter of a second or one sample. */
final class TokenBucket {

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final double DEPTH_SECONDS = 0.25;

  private final double bytesPerNano;
  private final double depth;
  private double tokens;
  private long filledAt;

  /**
   * Makes a full bucket.
   *
   * @param rate bytes per second, more than 0
   * @param sampleSize bytes
   * @param now on any clock of nanoseconds
   */
  TokenBucket(long rate, int sampleSize, long now) {
    bytesPerNano = rate / NANOS_PER_SECOND;
    depth = Math.max(sampleSize, rate * DEPTH_SECONDS);
    tokens = depth;
    filledAt = now;
  }

  /** How many bytes may be given now. */
  long available(long now) {
    tokens = Math.min(depth, tokens + (now - filledAt) * bytesPerNano);
    filledAt = now;
    return (long) tokens;
  }

  void take(long bytes) {
    tokens -= bytes;
  }

  /** How long until so many bytes may be given, which the bucket must be able to hold. */
  long nanosUntil(long bytes) {
    return (long) Math.ceil(Math.max(0, bytes - tokens) / bytesPerNano);
  }
}
