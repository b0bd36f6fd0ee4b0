// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import java.time.Duration;

/**
 * The pauses and timeouts of the supervisor.
 *
 * @param firstPause before the first restart; it doubles with each failure in a row
 * @param rejectedPause the first pause after the process rejected an option or a path, which seldom
 *     resolves itself
 * @param longestPause the limit of the doubling
 * @param healthyAfter how long a process must run and read entropy before the pauses start again
 *     from the first value
 * @param stalledAfter how long the process may read nothing while entropy is in the pipe. Also how
 *     long it may take from its start until it waits for its first byte
 * @param stopGrace how long the process may take to end, first after the end of its input, then
 *     after SIGTERM
 */
record RngdTimings(
    Duration firstPause,
    Duration rejectedPause,
    Duration longestPause,
    Duration healthyAfter,
    Duration stalledAfter,
    Duration stopGrace) {

  /** A killed rngd runs again within two seconds, even if it is killed often. */
  private static final Duration LONGEST_AFTER_KILL = Duration.ofSeconds(1);

  static final RngdTimings DEFAULT =
      new RngdTimings(
          Duration.ofMillis(100),
          Duration.ofSeconds(10),
          Duration.ofMinutes(1),
          Duration.ofMinutes(1),
          Duration.ofSeconds(10),
          Duration.ofSeconds(2));

  /** Returns the pause after the {@code row}-th failure in a row, counted from 1. */
  Duration pause(FailureReason reason, int row) {
    Duration first = reason == FailureReason.REJECTED ? rejectedPause : firstPause;
    Duration longest = reason == FailureReason.KILLED ? LONGEST_AFTER_KILL : longestPause;
    Duration doubled = first.multipliedBy(1L << Math.min(row - 1, 20));
    return doubled.compareTo(longest) < 0 ? doubled : longest;
  }
}
