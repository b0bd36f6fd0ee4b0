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
 */
record Starvation(int piece, Duration guaranteed, Duration bestEffort) {

  private static final long DUE = 3;
  private static final int MOST_DOUBLINGS = 6;

  /**
   * Returns the limit of one session. It doubles with each session in a row that has starved. A
   * device that has become too slow for the first limit therefore delivers within a later one.
   *
   * @param guarantee granted, in bytes per second; 0 is best effort
   * @param maxRate the client's maximum rate
   * @param sampleSize in bytes
   * @param starvedInARow the number of earlier sessions that have starved in a row
   */
  Duration limit(long guarantee, DataRate maxRate, long sampleSize, int starvedInARow) {
    return least(guarantee, maxRate, sampleSize)
        .multipliedBy(1L << Math.min(starvedInARow, MOST_DOUBLINGS));
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
