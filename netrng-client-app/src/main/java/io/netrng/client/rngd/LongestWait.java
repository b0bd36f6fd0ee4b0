package io.netrng.client.rngd;

import java.time.Duration;

/**
 * The longest of the recent waits for entropy: what can be expected of the next one where no rate
 * is guaranteed. An equal wait does not change it; while entropy flows without such waits, it falls
 * by half the time that passes.
 */
final class LongestWait {

  /** What counts of one wait: an outage of hours says nothing of the waits after it. */
  static final Duration LIMIT = Duration.ofMinutes(20);

  private long since;
  private volatile long longest;

  /**
   * Starts the first wait.
   *
   * @param now in nanoseconds
   */
  LongestWait(long now) {
    since = now;
  }

  /** Entropy was taken; only one thread may call this. */
  void end(long now) {
    long wait = Math.min(now - since, LIMIT.toNanos());
    longest = Math.max(wait, longest - wait / 2);
    since = now;
  }

  /** Zero until entropy was taken. */
  Duration duration() {
    return Duration.ofNanos(longest);
  }
}
