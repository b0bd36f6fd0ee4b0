package io.netrng.client.stream;

import io.netrng.unit.DataRate;

/**
 * A token bucket of bytes. Samples that arrive spend; demand never exceeds what is there, so a
 * server that was slow for a while cannot catch up at more than the rate and one bucket.
 */
final class Pace {

  /** Enough for what {@code rngd} reads before its first two blocks, in samples of 2 KiB. */
  private static final long LEAST_BURST = 8 * 1024;

  private static final double NANOS_PER_SECOND = 1e9;

  private final DataRate rate;
  private final double bytesPerNano;
  private final long burst;
  private double tokens;
  private long at;

  /** Starts full. */
  Pace(DataRate rate, long sampleSize, long nanoTime) {
    this.rate = rate;
    bytesPerNano = (double) rate.bytesPerSecond() / NANOS_PER_SECOND;
    burst = Math.max(Math.max(LEAST_BURST, sampleSize), rate.bytesPerSecond());
    tokens = (double) burst;
    at = nanoTime;
  }

  /** How many bytes may be on their way. */
  long allowance(long nanoTime) {
    if (rate.isUnlimited()) {
      return Long.MAX_VALUE;
    }
    tokens = Math.min((double) burst, tokens + (double) (nanoTime - at) * bytesPerNano);
    at = nanoTime;
    return (long) tokens;
  }

  /**
   * How many bytes may wait for {@code rngd} before demand ends: those of a stalled one are lost.
   */
  long mostWaiting() {
    return rate.isUnlimited() ? Long.MAX_VALUE : 2 * burst;
  }

  /** That many bytes have arrived. */
  void spend(long bytes) {
    tokens -= (double) bytes;
  }

  /** Whether so many bytes may ever be on their way. */
  boolean reaches(long bytes) {
    return rate.isUnlimited() || bytes <= burst;
  }

  /** How long until so many bytes may be on their way, if nothing is spent meanwhile. */
  long nanosUntil(long bytes) {
    if (rate.isUnlimited() || (double) bytes <= tokens) {
      return 0;
    }
    return (long) (((double) bytes - tokens) / bytesPerNano) + 1;
  }
}
