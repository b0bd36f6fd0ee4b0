package io.netrng.server.security;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Says of what strangers can cause as often as they like when it is worth a line: so that they fill
 * neither disk nor memory with what is written of them.
 */
public final class Sparingly {

  private static final long WINDOW = TimeUnit.SECONDS.toNanos(10);

  /** So many in each window. */
  static final int MOST = 50;

  private final LongSupplier nanoTime;
  private long begun;
  private int told;
  private long untold;

  /** Has told nothing yet; nanoTime is a clock of nanoseconds. */
  public Sparingly(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    begun = nanoTime.getAsLong();
  }

  /**
   * Writes a line, if this one is worth it, and how many before it were not.
   *
   * @param line which is ready but for its message
   */
  public void log(LoggingEventBuilder line, String message) {
    next()
        .ifPresent(untold -> (untold > 0 ? line.addKeyValue("untold", untold) : line).log(message));
  }

  /**
   * Counts one more.
   *
   * @return how many before it were not told; empty if this one is not to be told either
   */
  public synchronized OptionalLong next() {
    long now = nanoTime.getAsLong();
    if (now - begun >= WINDOW) {
      begun = now;
      told = 0;
    }
    if (told == MOST) {
      untold++;
      return OptionalLong.empty();
    }
    told++;
    long before = untold;
    untold = 0;
    return OptionalLong.of(before);
  }
}
