// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Measures the rate of a device in windows of time, from the reads of normal operation. All times
 * are of one clock, in nanoseconds. Guarded by the owner's lock.
 *
 * <p>A window starts at a read that waited and ends at a later read that waited. At both times the
 * device or its pipe was empty. The bytes read between are therefore the bytes that the device
 * produced between, independent of its bursts. Windows count only while the device is busy. Bytes
 * that the device stored during a rest of the reader are read first, far faster than the device
 * produces them. They are used up when reads have taken some time.
 *
 * <pre>
 *   draining -- reads took 100 ms --> window open -- long enough --> a value, and the next window
 *      ^                                  |
 *      +---------- a rest ----------------+
 * </pre>
 *
 * A short window is enough for the first value; the first whole window replaces it.
 */
final class CapacityWindows {

  /** The shortest whole window, in nanoseconds. */
  static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long LONGEST_WINDOW_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** The capacity of a pipe, in bytes. */
  private static final long PIPE_SIZE = 64 * 1024;

  /** Reading the stored bytes of a pipe takes a few milliseconds, also byte by byte. */
  private static final long DRAINED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final long FIRST_WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long FIRST_WINDOW_SIZE = 2 * PIPE_SIZE;

  /** A window lasts at least this many times its longest wait. */
  private static final int WAITS = 8;

  /** Rests may take up to 1/50 of a window, because a fast device is rarely read without rests. */
  private static final int REST_SHARE = 50;

  private static final long LONGEST_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int WINDOWS = 8;
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final double[] rates = new double[WINDOWS];
  private final double[] sorted = new double[WINDOWS];
  private long closed;

  private boolean drained;
  private boolean open;
  private long begin;
  private long bytes;
  private long reads;
  private long readNanos;
  private long longest;
  private long restNanos;

  /** Discards all windows. */
  void clear() {
    closed = 0;
    drain();
  }

  /** Starts the next window after the bytes that the device may have stored. */
  void drain() {
    drained = false;
    open = false;
    reset();
  }

  /** Records a rest of the reader, which had no demand. */
  void rested(long nanos) {
    if (nanos > LONGEST_REST_NANOS) {
      drain();
    } else {
      restNanos += nanos;
    }
  }

  /**
   * Counts one read.
   *
   * @param first whether a short window is enough
   * @return bytes per second if a window ended where this read began, otherwise NaN
   */
  double read(long readBegin, long nanos, int readBytes, boolean first) {
    // Compared with the mean, so that no scale is needed. A device without waits is as fast as it
    // can be read, and any of its reads is suitable.
    boolean waited = 2.0 * nanos * reads >= readNanos;
    double value = waited ? beforeWait(readBegin, first) : Double.NaN;
    bytes += readBytes;
    reads++;
    readNanos += nanos;
    longest = Math.max(longest, nanos);
    return value;
  }

  /** Handles a read that waited: all available bytes had been read before it. */
  private double beforeWait(long now, boolean first) {
    double value = Double.NaN;
    if (!drained && readNanos >= DRAINED_NANOS) {
      drained = true;
      // Bytes that arrived after the pipe's stored bytes may have started the window within a
      // burst.
      if (!open || bytes < PIPE_SIZE / 2) {
        openWindow(now);
      }
    } else if (!open) {
      if (first && bytes >= PIPE_SIZE) {
        openWindow(now);
      }
    } else if (first) {
      if (bytes >= FIRST_WINDOW_SIZE || (drained && now - begin >= FIRST_WINDOW_NANOS)) {
        value = rate(bytes, now - begin);
        openWindow(now);
      }
    } else if (now - begin >= Math.clamp(WAITS * longest, WINDOW_NANOS, LONGEST_WINDOW_NANOS)) {
      value = closeWindow(now);
    }
    return value;
  }

  private double closeWindow(long now) {
    long nanos = now - begin;
    if (readNanos < nanos / 2 || restNanos > nanos / REST_SHARE) {
      drain();
      return Double.NaN;
    }
    rates[(int) (closed++ % WINDOWS)] = rate(bytes, nanos);
    int count = (int) Math.min(closed, WINDOWS);
    System.arraycopy(rates, 0, sorted, 0, count);
    Arrays.sort(sorted, 0, count);
    openWindow(now);
    return sorted[count / 4];
  }

  /**
   * Bytes per second in the open window; NaN without an open window or with too few bytes in it.
   */
  double ofOpenWindow(long now) {
    return open && bytes >= PIPE_SIZE / 2 ? rate(bytes, now - begin) : Double.NaN;
  }

  private void openWindow(long now) {
    open = true;
    begin = now;
    reset();
  }

  private void reset() {
    bytes = 0;
    reads = 0;
    readNanos = 0;
    longest = 0;
    restNanos = 0;
  }

  /** Converts bytes and nanoseconds to bytes per second. */
  static double rate(long ofBytes, long nanos) {
    return ofBytes * NANOS_PER_SECOND / Math.max(1, nanos);
  }
}
