package io.netrng.server.distribution;

import java.util.concurrent.TimeUnit;

/**
 * Keeps account of one client's promise: while the client waits for samples its guarantee falls due
 * second by second, and what it is given is paid off. What is due beyond what the fair queue may
 * lag by design is shortfall. Time in which the client did not wait is not owed, and what it was
 * given beyond its guarantee is no advance. Guarded by the distributor's lock.
 */
final class Account {

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final int sampleSize;
  private double guarantee;
  private double due;
  private double owed;
  private double shortfall;
  private boolean waiting;
  private long countedAt;

  /**
   * Opens an account.
   *
   * @param guarantee bytes per second
   * @param sampleSize bytes
   */
  Account(long guarantee, int sampleSize) {
    this.guarantee = (double) guarantee;
    this.sampleSize = sampleSize;
  }

  /** From now on another guarantee falls due, in bytes per second. */
  void promise(long newGuarantee, long nanoTime) {
    count(nanoTime);
    guarantee = (double) newGuarantee;
  }

  /** From now on the client waits, or does not. */
  void waits(boolean now, long nanoTime) {
    count(nanoTime);
    waiting = now;
  }

  void pay(long bytes) {
    due = Math.max(0, due - bytes);
  }

  /** Bytes that fell due, since the client came. */
  double owed(long nanoTime) {
    count(nanoTime);
    return owed;
  }

  /** Bytes that the client should have been given and was not, since it came. */
  double shortfall(long nanoTime) {
    count(nanoTime);
    return shortfall;
  }

  private void count(long nanoTime) {
    if (waiting) {
      double more = guarantee * ((nanoTime - countedAt) / NANOS_PER_SECOND);
      owed += more;
      due += more;
      // The queue may be late by one service of its own and one of each other client, which
      // together take no longer than about a second while the promises can be kept.
      double tolerance = 2.0 * sampleSize + guarantee;
      if (due > tolerance) {
        shortfall += due - tolerance;
        due = tolerance;
      }
    }
    countedAt = nanoTime;
  }
}
