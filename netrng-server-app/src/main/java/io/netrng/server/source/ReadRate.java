package io.netrng.server.source;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How fast a device gives its bytes while it is being read: an exponentially weighted mean over the
 * time spent in reads, so that idle time does not count. Written by one thread.
 */
final class ReadRate {

  /** For whatever is wanted of a device that has given nothing yet. */
  private static final Duration A_GUESS = Duration.ofSeconds(1);

  private static final double WEIGHT_SECONDS = 5;
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private static final double MILLIS_PER_SECOND = TimeUnit.SECONDS.toMillis(1);

  private double bytes;
  private double seconds;
  private volatile double rate;

  /** Counts one read. */
  void add(long readBytes, long nanos) {
    double duration = nanos / NANOS_PER_SECOND;
    double kept = Math.exp(-duration / WEIGHT_SECONDS);
    bytes = bytes * kept + readBytes;
    seconds = seconds * kept + duration;
    rate = seconds > 0 ? bytes / seconds : 0;
  }

  /** Bytes per second of reading; 0 before the first read. */
  double bytesPerSecond() {
    return rate;
  }

  /** How long the device takes for so many bytes. */
  Duration timeFor(long size) {
    double now = rate;
    return now == 0 ? A_GUESS : Duration.ofMillis((long) (size / now * MILLIS_PER_SECOND));
  }
}
