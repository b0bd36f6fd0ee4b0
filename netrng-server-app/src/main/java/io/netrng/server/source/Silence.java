package io.netrng.server.source;

import java.time.Duration;

/**
 * How long somebody has been waiting for a byte of a device. The reader's thread reports its reads;
 * any thread may ask, which changes nothing. Times are on the clock of {@link System#nanoTime}.
 */
final class Silence {

  private final SampleBuffer stream;
  private volatile long readingSince;

  /** Makes one of a device that is not read yet. */
  Silence(SampleBuffer stream) {
    this.stream = stream;
  }

  /** Takes note of a read that began (since when) or ended (since 0). */
  void onRead(long since) {
    readingSince = since;
  }

  /** Takes note that the device was closed. */
  void closed() {
    readingSince = 0;
  }

  /**
   * Whether the device is held to give nothing: its read still waits, and somebody has waited with
   * it for too long. Whether anybody waits now does not matter: all clients were sent away.
   */
  boolean isTooLong(long now) {
    long since = readingSince;
    return since != 0 && stream.hadLongWait(since, now);
  }

  /** How long it has been. A read may have been waiting for long before anybody wanted a byte. */
  Duration lasts(long now) {
    long since = readingSince;
    if (since == 0) {
      return Duration.ZERO;
    }
    Duration ofRead = Duration.ofNanos(now - since);
    Duration wanted = stream.wantedFor();
    return wanted.compareTo(ofRead) >= 0 || stream.hadLongWait(since, now) ? ofRead : wanted;
  }
}
