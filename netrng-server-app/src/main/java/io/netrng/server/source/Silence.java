package io.netrng.server.source;

import java.time.Duration;

/**
 * How long somebody has been waiting for a byte of a device. Told by the reader's thread, asked by
 * any; times are on the clock of {@link System#nanoTime}.
 */
final class Silence {

  private final ReleasedStream stream;
  private final Duration longest;
  private volatile long readingSince;
  private volatile boolean tooLong;

  /**
   * Makes one of a device that is not read yet.
   *
   * @param longest after which the device is held to give nothing, until it does
   */
  Silence(ReleasedStream stream, Duration longest) {
    this.stream = stream;
    this.longest = longest;
  }

  /** Takes note of a read that began (since when; 0 bytes) or ended (since 0; the bytes). */
  void onRead(long since, int bytes) {
    readingSince = since;
    if (bytes > 0) {
      tooLong = false;
    }
  }

  /** Takes note that the device was closed. */
  void closed() {
    readingSince = 0;
    tooLong = false;
  }

  /** Whether the device is held to give nothing. */
  boolean isTooLong() {
    return tooLong;
  }

  /**
   * How long it has been. A read may have been waiting for long before anybody wanted a byte. Once
   * the device is known to be silent it is so whether anybody waits or not: they were sent away.
   */
  Duration lasts(long now) {
    long since = readingSince;
    Duration ofRead = since == 0 ? Duration.ZERO : Duration.ofNanos(now - since);
    if (tooLong) {
      return ofRead;
    }
    Duration wanted = stream.wantedFor();
    Duration lasts = wanted.compareTo(ofRead) < 0 ? wanted : ofRead;
    if (lasts.compareTo(longest) >= 0) {
      tooLong = true;
    }
    return lasts;
  }
}
