// SPDX-License-Identifier: Apache-2.0
package io.netrng.logging;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Limits the log lines about events that a peer or a child process can cause at any rate. The next
 * line contains the number of lines suppressed before it.
 */
public final class LogRateLimiter {

  /** The maximum number of lines in each window. */
  public static final int LIMIT = 50;

  private static final long WINDOW = TimeUnit.SECONDS.toNanos(10);

  private final LongSupplier nanoTime;
  private long windowStart;
  private int logged;
  private long suppressed;

  /**
   * Makes a limiter whose first window starts now.
   *
   * @param nanoTime a clock of nanoseconds
   */
  public LogRateLimiter(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    windowStart = nanoTime.getAsLong();
  }

  /**
   * Logs a line unless the limit is reached.
   *
   * @param line the event, without its message
   */
  public void log(LoggingEventBuilder line, String message) {
    tryAcquire()
        .ifPresent(
            before -> (before > 0 ? line.addKeyValue("suppressed", before) : line).log(message));
  }

  /**
   * Counts one event.
   *
   * @return the number of suppressed events before it; empty if this event is suppressed too
   */
  public synchronized OptionalLong tryAcquire() {
    long now = nanoTime.getAsLong();
    if (now - windowStart >= WINDOW) {
      windowStart = now;
      logged = 0;
    }
    if (logged == LIMIT) {
      suppressed++;
      return OptionalLong.empty();
    }
    logged++;
    long before = suppressed;
    suppressed = 0;
    return OptionalLong.of(before);
  }
}
