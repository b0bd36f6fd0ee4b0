// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Measures one device from the reads of normal operation: its bytes, its read rate, its capacity,
 * and how long a client has waited for it. The reader's thread reports events. Any thread may call
 * the getters, which change nothing. Lock order: this lock first, then the buffer's.
 *
 * <p>Until the capacity has a value, the meter is starting: the reader reads without demand.
 */
final class DeviceMeter {

  /** The maximum that is read without demand for the first value of the capacity, in bytes. */
  static final long MOST_AT_START = 256 * 1024;

  /** After this time the rate seen so far becomes the first value. */
  static final Duration LONGEST_START = Duration.ofSeconds(70);

  /** The estimate for a device that has not given a byte yet. */
  private static final Duration GUESS = Duration.ofSeconds(1);

  private static final double WEIGHT_SECONDS = 5;
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final double MILLIS_PER_SECOND = TimeUnit.SECONDS.toMillis(1);

  private final SampleBuffer stream;
  private final double pinned;
  private final double outputRatio;
  private final LongSupplier nanoTime;
  private final CapacityWindows windows = new CapacityWindows();

  private boolean open;
  private long openedAt;
  private boolean reading;
  private long readBegin;
  private long bytesRead;

  /** The end of the last read that was not discarded, or the time of opening. */
  private long lastEnd;

  /** Exponentially weighted sums over the time spent in reads; idle time does not count. */
  private double recentBytes;

  private double recentSeconds;

  private boolean starting;
  private long seen;
  private long seenBefore;
  private double value = Double.NaN;
  private long measuredAt;

  /**
   * Creates a meter of a device that is not open yet.
   *
   * @param stream provides how long clients have waited
   * @param pinned the device's configured rate, in bytes per second; NaN to measure it
   * @param outputRatio the bytes released for each byte read, more than 0 and at most 1;
   *     conditioning releases fewer bytes than it takes
   * @param nanoTime the clock of the stream, in nanoseconds
   */
  DeviceMeter(SampleBuffer stream, double pinned, double outputRatio, LongSupplier nanoTime) {
    this.stream = stream;
    this.pinned = pinned;
    this.outputRatio = outputRatio;
    this.nanoTime = nanoTime;
    starting = Double.isNaN(pinned);
  }

  /** Records that the device was opened. It may have stored bytes before. */
  synchronized void opened() {
    open = true;
    openedAt = nanoTime.getAsLong();
    lastEnd = openedAt;
    seenBefore = seen;
    windows.drain();
  }

  /**
   * Measures the capacity again as at the start, because its value may be outdated.
   *
   * @return whether a new measurement was started
   */
  synchronized boolean restart() {
    if (!open || starting) {
      return false;
    }
    starting = true;
    seen = 0;
    windows.clear();
    opened();
    return true;
  }

  /** Records that the device was closed, by an error or at its end. */
  synchronized void closed() {
    long now = nanoTime.getAsLong();
    if (isOverdue(now)) {
      value = rateOfStart(now);
      measuredAt = now;
    }
    open = false;
    reading = false;
  }

  /** Records the end of a file: the rate seen so far becomes the value, unless there is one. */
  synchronized void exhausted() {
    if (Double.isNaN(value) && seen > 0) {
      adopt(rateOfStart(lastEnd), nanoTime.getAsLong());
    }
    starting = false;
  }

  /** Records that the reader waited for demand and continues now. */
  synchronized void rested() {
    windows.rested(nanoTime.getAsLong() - lastEnd);
  }

  /** Records the start of a read. */
  synchronized void beginRead() {
    reading = true;
    readBegin = nanoTime.getAsLong();
  }

  /**
   * Records the end of a read.
   *
   * @param bytes the number of bytes read; −1 at the end of the device
   * @return the duration of the read, in nanoseconds
   */
  synchronized long endRead(int bytes) {
    long nanos = endDiscardedRead(bytes);
    if (bytes >= 0) {
      lastEnd = readBegin + nanos;
      double seconds = nanos / NANOS_PER_SECOND;
      double kept = Math.exp(-seconds / WEIGHT_SECONDS);
      recentBytes = recentBytes * kept + bytes;
      recentSeconds = recentSeconds * kept + seconds;
      measureCapacity(nanos, bytes);
    }
    return nanos;
  }

  private void measureCapacity(long nanos, int bytes) {
    double ofWindow = windows.read(readBegin, nanos, bytes, starting);
    if (!Double.isNaN(ofWindow)) {
      adopt(ofWindow, readBegin);
    }
    if (starting) {
      seen += bytes;
      if (seen >= MOST_AT_START) {
        double ofOpenWindow = windows.ofOpenWindow(lastEnd);
        adopt(Double.isNaN(ofOpenWindow) ? rateOfStart(lastEnd) : ofOpenWindow, lastEnd);
      }
    }
  }

  /** Records the end of a read whose bytes are discarded; rate and capacity do not count it. */
  synchronized long endDiscardedRead(int bytes) {
    reading = false;
    bytesRead += Math.max(0, bytes);
    return nanoTime.getAsLong() - readBegin;
  }

  private void adopt(double rate, long now) {
    value = rate;
    measuredAt = now;
    starting = false;
  }

  /**
   * Whether the start lasts so long that the rate seen so far is the value until the start ends.
   * The reader still reads without demand. If this value were too small to admit a client, no
   * demand would exist by which a better value could be measured.
   */
  private boolean isOverdue(long now) {
    return starting && open && now - openedAt >= LONGEST_START.toNanos() && seen > seenBefore;
  }

  private double rateOfStart(long now) {
    return CapacityWindows.rate(seen - seenBefore, now - openedAt);
  }

  /** Bytes read since the start. */
  synchronized long bytesRead() {
    return bytesRead;
  }

  /**
   * Bytes read per second of time spent in reads, over the last seconds; 0 before the first byte.
   */
  synchronized double rate() {
    return recentSeconds > 0 ? recentBytes / recentSeconds : 0;
  }

  /** The bytes released for each byte read; less than 1 if they are conditioned. */
  double outputRatio() {
    return outputRatio;
  }

  /** The time that the device needs for this number of bytes, which are read and not released. */
  Duration timeFor(long size) {
    double now = rate();
    return now == 0 ? GUESS : Duration.ofMillis((long) (size / now * MILLIS_PER_SECOND));
  }

  /** Whether the reader should read without demand, until the capacity has its first value. */
  synchronized boolean isStarting() {
    return starting;
  }

  /** Whether the capacity is or was known. */
  boolean isMeasured() {
    return !Double.isNaN(pinnedOrMeasured());
  }

  /** The device's capacity in released bytes per second; NaN while it is unknown, 0 in a stall. */
  double capacity() {
    return isStalled() ? 0 : pinnedOrMeasured();
  }

  private synchronized double pinnedOrMeasured() {
    if (!Double.isNaN(pinned)) {
      return pinned;
    }
    // The current read may never end.
    long now = nanoTime.getAsLong();
    return outputRatio * (isOverdue(now) ? rateOfStart(now) : value);
  }

  /** The age of the capacity's value; zero if it was not measured. */
  synchronized Duration capacityAge() {
    long now = nanoTime.getAsLong();
    return !Double.isNaN(pinned) || Double.isNaN(value) || isOverdue(now)
        ? Duration.ZERO
        : Duration.ofNanos(now - measuredAt);
  }

  /**
   * The expected time until the first value; a start that has lasted long is expected to last as
   * long again.
   */
  synchronized Duration untilCapacity() {
    long spent = open ? nanoTime.getAsLong() - openedAt : 0;
    long left = Math.max(0, LONGEST_START.toNanos() - spent);
    return Duration.ofNanos(Math.min(left, Math.max(CapacityWindows.WINDOW_NANOS, spent)));
  }

  /**
   * Whether the device is stalled: its read still waits, and a client has waited with it for too
   * long. A client need not wait now, because all may have been disconnected.
   */
  synchronized boolean isStalled() {
    return reading && stream.hadLongWait(readBegin, nanoTime.getAsLong());
  }

  /**
   * The time for which a client has waited during the current read; zero without a waiting client.
   * The read may have begun long before the demand.
   */
  synchronized Duration stallDuration() {
    if (!reading) {
      return Duration.ZERO;
    }
    Duration ofRead = Duration.ofNanos(nanoTime.getAsLong() - readBegin);
    Duration wanted = stream.wantedFor();
    return wanted.compareTo(ofRead) >= 0 || isStalled() ? ofRead : wanted;
  }
}
