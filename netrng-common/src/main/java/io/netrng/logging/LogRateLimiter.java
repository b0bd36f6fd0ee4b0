package io.netrng.logging;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Limits how many lines are logged of an event that a peer or a child process can cause as often as
 * it likes. The next line that is logged says how many before it were suppressed.
 */
public final class LogRateLimiter {

  /** Lines in each window. */
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
   * @param line the event, complete but for its message
   */
  public void log(LoggingEventBuilder line, String message) {
    tryAcquire()
        .ifPresent(
            before -> (before > 0 ? line.addKeyValue("suppressed", before) : line).log(message));
  }

  /**
   * Counts one event.
   *
   * @return how many events before it were suppressed; empty if this one is suppressed too
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
