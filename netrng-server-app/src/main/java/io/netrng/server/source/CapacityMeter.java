package io.netrng.server.source;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Measures how many bytes per second a device can give, from nothing but the reads that are done
 * anyway. All times are of one clock, in nanoseconds.
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
 * Until there is a first value the reader reads on, and a short window is enough for it; the first
 * whole window replaces it.
 */
final class CapacityMeter {

  /** The most that is read for the first value while nobody asks for it, in bytes. */
  static final long MOST_AT_START = 256 * 1024;

  /** After so long, what was seen is the first value, whatever it is. */
  static final Duration LONGEST_START = Duration.ofSeconds(70);

  /** What a pipe holds, in bytes. */
  private static final long PIPE_SIZE = 64 * 1024;

  /** Reading what a pipe had saved up takes a few milliseconds, byte by byte as well. */
  private static final long DRAINED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final long FIRST_WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long FIRST_WINDOW_SIZE = 2 * PIPE_SIZE;
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_WINDOW_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** A window holds at least so many of its longest waits. */
  private static final int WAITS = 8;

  /** A window may hold rests of this share of it: a fast device is hardly ever without any. */
  private static final int REST_SHARE = 50;

  private static final long LONGEST_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int WINDOWS = 8;
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final double[] windows = new double[WINDOWS];
  private final double[] sorted = new double[WINDOWS];
  private long windowsClosed;

  private double value = Double.NaN;
  private long measuredAt;

  private boolean starting;
  private boolean reading;
  private long openedAt;
  private long seen;
  private long seenBefore;

  private long lastEnd;
  private boolean drained;
  private boolean open;
  private long begin;
  private long bytes;
  private long reads;
  private long readNanos;
  private long longest;
  private long restNanos;

  /**
   * Makes a meter without a value.
   *
   * @param starting whether the reader is to read on for a first value
   */
  CapacityMeter(boolean starting) {
    this.starting = starting;
  }

  /** The device was opened, and may have saved something up before. */
  synchronized void opened(long now) {
    reading = true;
    openedAt = now;
    lastEnd = now;
    seenBefore = seen;
    drain();
  }

  /**
   * What is known is in doubt: the reader is to read on for a value as at the start.
   *
   * @return whether it was not at that already
   */
  synchronized boolean restart(long now) {
    if (!reading || starting) {
      return false;
    }
    starting = true;
    seen = 0;
    windowsClosed = 0;
    opened(now);
    return true;
  }

  /** The device was closed, or has come to its end. */
  synchronized void closed() {
    reading = false;
  }

  /** The device has given all that it had: what was seen is its value, unless there is one. */
  synchronized void exhausted(long now) {
    if (Double.isNaN(value) && seen > 0) {
      adopt(rate(seen - seenBefore, lastEnd - openedAt), now);
    }
    starting = false;
  }

  /** The reader had to wait until somebody wanted more; it goes on now. */
  synchronized void rested(long now) {
    long nanos = now - lastEnd;
    if (nanos > LONGEST_REST_NANOS) {
      drain();
    } else {
      restNanos += nanos;
    }
  }

  /** Counts one read. */
  synchronized void read(long readBegin, long readEnd, int readBytes) {
    long nanos = readEnd - readBegin;
    lastEnd = readEnd;
    // Compared with the mean, so that it needs no scale: a device that never lets a reader wait is
    // as fast as it can be read, and any of its reads will do.
    if (2.0 * nanos * reads >= readNanos) {
      beforeWait(readBegin);
    }
    bytes += readBytes;
    reads++;
    readNanos += nanos;
    longest = Math.max(longest, nanos);
    if (starting) {
      seen += readBytes;
      endStartIfDue(readEnd);
    }
  }

  /** All that was there had been read, and the next read was one that waits. */
  private void beforeWait(long now) {
    if (!drained && readNanos >= DRAINED_NANOS) {
      drained = true;
      // What came in place of a pipe's store may have begun the window in the midst of a burst.
      if (!open || bytes < PIPE_SIZE / 2) {
        openWindow(now);
      }
    } else if (!open) {
      if (starting && bytes >= PIPE_SIZE) {
        openWindow(now);
      }
    } else if (starting) {
      if (bytes >= FIRST_WINDOW_SIZE || (drained && now - begin >= FIRST_WINDOW_NANOS)) {
        adopt(rate(bytes, now - begin), now);
        openWindow(now);
      }
    } else if (now - begin >= Math.clamp(WAITS * longest, WINDOW_NANOS, LONGEST_WINDOW_NANOS)) {
      closeWindow(now);
    }
  }

  private void closeWindow(long now) {
    long nanos = now - begin;
    if (readNanos < nanos / 2 || restNanos > nanos / REST_SHARE) {
      drain();
      return;
    }
    windows[(int) (windowsClosed++ % WINDOWS)] = rate(bytes, nanos);
    int count = (int) Math.min(windowsClosed, WINDOWS);
    System.arraycopy(windows, 0, sorted, 0, count);
    Arrays.sort(sorted, 0, count);
    adopt(sorted[count / 4], now);
    openWindow(now);
  }

  private void endStartIfDue(long now) {
    if (seen >= MOST_AT_START) {
      boolean enough = open && bytes >= PIPE_SIZE / 2;
      adopt(enough ? rate(bytes, now - begin) : rate(seen - seenBefore, now - openedAt), now);
    } else if (now - openedAt >= LONGEST_START.toNanos() && seen > seenBefore) {
      // The reader still reads on: were this too little to let anybody in, none would ever ask for
      // what a better value could be measured by.
      value = rate(seen - seenBefore, now - openedAt);
      measuredAt = now;
    }
  }

  private void drain() {
    drained = false;
    open = false;
    reset();
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

  private void adopt(double rate, long now) {
    value = rate;
    measuredAt = now;
    starting = false;
  }

  private static double rate(long ofBytes, long nanos) {
    return ofBytes * NANOS_PER_SECOND / Math.max(1, nanos);
  }

  /** Whether the reader is to read on, though nobody asks, until there is a first value. */
  synchronized boolean isStarting() {
    return starting;
  }

  /** Bytes per second that the device can give; NaN while that is not known. */
  synchronized double bytesPerSecond(long now) {
    // The read under way may take for ever.
    if (starting && reading) {
      endStartIfDue(now);
    }
    return value;
  }

  /** How old the value is; zero without one. */
  synchronized Duration age(long now) {
    return Double.isNaN(value) ? Duration.ZERO : Duration.ofNanos(now - measuredAt);
  }

  /** When the first value can be expected: what has taken long will take as long again. */
  synchronized Duration untilValue(long now) {
    long spent = reading ? now - openedAt : 0;
    long left = Math.max(0, LONGEST_START.toNanos() - spent);
    return Duration.ofNanos(Math.min(left, Math.max(WINDOW_NANOS, spent)));
  }
}
