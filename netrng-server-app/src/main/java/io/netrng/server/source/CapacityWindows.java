package io.netrng.server.source;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * How many bytes per second a device gives in windows of time, from nothing but the reads that are
 * done anyway. All times are of one clock, in nanoseconds. Used under the lock of its owner.
 *
 * <p>A window runs from the begin of a read that waited to the begin of another: at both the device
 * or its pipe had just been emptied, so that what was read between is what it gave between, however
 * its bursts fall. Windows count only while the device is busy. What it had saved up while the
 * reader rested comes first, far faster than the device is, and is over when reads have taken some
 * time.
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

  /** What a pipe holds, in bytes. */
  private static final long PIPE_SIZE = 64 * 1024;

  /** Reading what a pipe had saved up takes a few milliseconds, byte by byte as well. */
  private static final long DRAINED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final long FIRST_WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long FIRST_WINDOW_SIZE = 2 * PIPE_SIZE;

  /** A window holds at least so many of its longest waits. */
  private static final int WAITS = 8;

  /** A window may hold rests of this share of it: a fast device is hardly ever without any. */
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

  /** Forgets all windows. */
  void clear() {
    closed = 0;
    drain();
  }

  /** The device may have saved something up: the next window begins behind that. */
  void drain() {
    drained = false;
    open = false;
    reset();
  }

  /** The reader did not read for so long, because nothing was wanted. */
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
   * @return bytes per second, if a window has ended where this read began; NaN if not
   */
  double read(long readBegin, long nanos, int readBytes, boolean first) {
    // Compared with the mean, so that it needs no scale: a device that never lets a reader wait is
    // as fast as it can be read, and any of its reads will do.
    boolean waited = 2.0 * nanos * reads >= readNanos;
    double value = waited ? beforeWait(readBegin, first) : Double.NaN;
    bytes += readBytes;
    reads++;
    readNanos += nanos;
    longest = Math.max(longest, nanos);
    return value;
  }

  /** All that was there had been read, and the next read was one that waits. */
  private double beforeWait(long now, boolean first) {
    double value = Double.NaN;
    if (!drained && readNanos >= DRAINED_NANOS) {
      drained = true;
      // What came in place of a pipe's store may have begun the window in the midst of a burst.
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

  /** Bytes per second in the window that is open; NaN if there is none, or too little in it. */
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

  /** So many bytes in so long a time, in bytes per second. */
  static double rate(long ofBytes, long nanos) {
    return ofBytes * NANOS_PER_SECOND / Math.max(1, nanos);
  }
}
