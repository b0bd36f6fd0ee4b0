// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.distribution;

import java.util.concurrent.TimeUnit;

/**
 * Measures the shortfall of one client. While the client waits for samples, its guarantee becomes
 * due second by second, and its deliveries are subtracted. The shortfall is the due amount beyond
 * the lag that the fair queue has by design. Time in which the client does not wait makes no bytes
 * due. Deliveries beyond the guarantee are no advance. Guarded by the distributor's lock.
 */
final class ShortfallMeter {

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final int sampleSize;
  private double guarantee;
  private double due;
  private double owed;
  private double shortfall;
  private boolean waiting;
  private long countedAt;

  /**
   * Creates a meter of a client that does not wait.
   *
   * @param guarantee bytes per second
   * @param sampleSize bytes
   */
  ShortfallMeter(long guarantee, int sampleSize) {
    this.guarantee = (double) guarantee;
    this.sampleSize = sampleSize;
  }

  /** Sets the guarantee from now on, in bytes per second. */
  void setGuarantee(long newGuarantee, long nanoTime) {
    count(nanoTime);
    guarantee = (double) newGuarantee;
  }

  /** Sets whether the client waits from now on. */
  void setWaiting(boolean now, long nanoTime) {
    count(nanoTime);
    waiting = now;
  }

  boolean isWaiting() {
    return waiting;
  }

  void pay(long bytes) {
    due = Math.max(0, due - bytes);
  }

  /** Bytes that became due since the client connected. */
  double owed(long nanoTime) {
    count(nanoTime);
    return owed;
  }

  /** Bytes that were due and not delivered since the client connected. */
  double shortfall(long nanoTime) {
    count(nanoTime);
    return shortfall;
  }

  private void count(long nanoTime) {
    if (waiting) {
      double more = guarantee * ((nanoTime - countedAt) / NANOS_PER_SECOND);
      owed += more;
      due += more;
      // The queue may be late by one service of this client and one of each other client. Together
      // they take at most about a second while the guarantees can be met.
      double tolerance = 2.0 * sampleSize + guarantee;
      if (due > tolerance) {
        shortfall += due - tolerance;
        due = tolerance;
      }
    }
    countedAt = nanoTime;
  }
}
