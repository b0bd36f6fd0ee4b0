package io.netrng.client.rngd;

import java.time.Duration;

/**
 * How patient the supervisor is.
 *
 * @param firstPause before the first restart; it doubles with each failure in a row
 * @param rejectedPause the same after an option or a path was refused, which seldom resolves itself
 * @param longestPause where the doubling ends
 * @param healthyAfter how long a process must run and take entropy for the pauses to start over
 * @param stalledAfter how long it may take nothing while there is something to take, and how long
 *     it may take from its start until it waits for its first byte
 * @param stopGrace how long it may take to end, first by end of input, then by SIGTERM
 */
record RngdTimings(
    Duration firstPause,
    Duration rejectedPause,
    Duration longestPause,
    Duration healthyAfter,
    Duration stalledAfter,
    Duration stopGrace) {

  /** A killed rngd runs again within two seconds, however often someone kills it. */
  private static final Duration LONGEST_AFTER_KILL = Duration.ofSeconds(1);

  static final RngdTimings DEFAULT =
      new RngdTimings(
          Duration.ofMillis(100),
          Duration.ofSeconds(10),
          Duration.ofMinutes(1),
          Duration.ofMinutes(1),
          Duration.ofSeconds(10),
          Duration.ofSeconds(2));

  /** The pause after a failure that was the {@code row}-th in a row, counted from 1. */
  Duration pause(FailureReason reason, int row) {
    Duration first = reason == FailureReason.REJECTED ? rejectedPause : firstPause;
    Duration longest = reason == FailureReason.KILLED ? LONGEST_AFTER_KILL : longestPause;
    Duration doubled = first.multipliedBy(1L << Math.min(row - 1, 20));
    return doubled.compareTo(longest) < 0 ? doubled : longest;
  }
}
