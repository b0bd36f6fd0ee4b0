// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.sink;

import java.time.Duration;

/**
 * The longest of the recent waits for entropy. It predicts the next wait where no rate is
 * guaranteed. An equal wait does not change it. While entropy flows without such waits, it falls by
 * half the time that passes.
 */
public final class LongestWait {

  /** Caps a single wait, because an outage of hours does not predict later waits. */
  static final Duration LIMIT = Duration.ofMinutes(20);

  private long since;
  private volatile long longest;

  /**
   * Starts the first wait.
   *
   * @param now in nanoseconds
   */
  public LongestWait(long now) {
    since = now;
  }

  /** Ends the wait because entropy has arrived. Only one thread may call this method. */
  public void end(long now) {
    long wait = Math.min(now - since, LIMIT.toNanos());
    longest = Math.max(wait, longest - wait / 2);
    since = now;
  }

  /** Returns the longest recent wait; zero until entropy has arrived. */
  public Duration duration() {
    return Duration.ofNanos(longest);
  }
}
