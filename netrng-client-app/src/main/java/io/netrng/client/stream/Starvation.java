// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.unit.DataRate;
import java.time.Duration;
import java.util.Optional;

/**
 * How long a server may owe samples before the client disconnects. The time runs only while samples
 * are requested and outstanding, and starts again with each whole sample.
 *
 * @param piece the least that the sink takes at once, in bytes
 * @param guaranteed the minimum with a guarantee
 * @param bestEffort the minimum without a guarantee, where no sample is due at a certain time
 * @param doubles whether the limit doubles with each session in a row that has starved
 */
record Starvation(int piece, Duration guaranteed, Duration bestEffort, boolean doubles) {

  private static final long DUE = 3;
  private static final Duration LONGEST_OVERDUE = Duration.ofMinutes(2);
  private static final int MOST_DOUBLINGS = 6;

  /**
   * Returns the limit of one session. If it doubles, a device that has become too slow for the
   * first limit delivers within a later one.
   *
   * @param guarantee granted, in bytes per second; 0 is best effort
   * @param maxRate the client's maximum rate
   * @param sampleSize in bytes
   * @param starvedInARow the number of earlier sessions that have starved in a row
   */
  Duration limit(long guarantee, DataRate maxRate, long sampleSize, int starvedInARow) {
    return least(guarantee, maxRate, sampleSize)
        .multipliedBy(doubles ? 1L << Math.min(starvedInARow, MOST_DOUBLINGS) : 1);
  }

  /**
   * Returns the time after which other servers are combined without one that owes samples: three
   * keepalives, or the time in which three pieces and three samples are due, if that is longer. It
   * is at most two minutes, because the server chooses its keepalive and its guarantee.
   *
   * @param keepalive of the session
   */
  Duration overdue(long guarantee, DataRate maxRate, long sampleSize, Duration keepalive) {
    Duration silence = keepalive.multipliedBy(DUE);
    Duration longer =
        dueTime(Math.min(guarantee, maxRate.bytesPerSecond()), piece, sampleSize)
            .filter(due -> due.compareTo(silence) > 0)
            .orElse(silence);
    return longer.compareTo(LONGEST_OVERDUE) > 0 ? LONGEST_OVERDUE : longer;
  }

  private Duration least(long guarantee, DataRate maxRate, long sampleSize) {
    return dueTime(Math.min(guarantee, maxRate.bytesPerSecond()), piece, sampleSize)
        .map(due -> due.compareTo(guaranteed) > 0 ? due : guaranteed)
        .orElse(bestEffort);
  }

  /**
   * Returns the time in which three pieces of the sink and three samples are due.
   *
   * @param rate bytes per second; 0 is best effort, where nothing is due
   * @param piece the least that the sink takes at once, in bytes
   * @param sampleSize in bytes
   */
  static Optional<Duration> dueTime(long rate, long piece, long sampleSize) {
    return rate == 0
        ? Optional.empty()
        : Optional.of(Duration.ofMillis(1_000 * DUE * Math.max(piece, sampleSize) / rate));
  }
}
