package io.netrng.server.source;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Measures one device by the reads that are done anyway: its bytes, its read rate, its capacity,
 * and how long a client has waited for it. The reader's thread reports what happens; any thread may
 * call the getters, which change nothing. The lock of the stream is taken inside this one's.
 *
 * <p>Without a value of the capacity the meter is starting: the reader reads on without demand.
 */
final class DeviceMeter {

  /** The most that is read for the first value of the capacity while nobody asks, in bytes. */
  static final long MOST_AT_START = 256 * 1024;

  /** After so long, what was seen is the first value, whatever it is. */
  static final Duration LONGEST_START = Duration.ofSeconds(70);

  /** For a device that has given nothing yet. */
  private static final Duration GUESS = Duration.ofSeconds(1);

  private static final double WEIGHT_SECONDS = 5;
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final double MILLIS_PER_SECOND = TimeUnit.SECONDS.toMillis(1);

  private final SampleBuffer stream;
  private final double pinned;
  private final LongSupplier nanoTime;
  private final CapacityWindows windows = new CapacityWindows();

  private boolean open;
  private long openedAt;
  private boolean reading;
  private long readBegin;
  private long bytesRead;

  /** The end of the last read that was not discarded, or the time of opening. */
  private long lastEnd;

  /** Exponentially weighted sums over the time spent in reads, so that idle time does not count. */
  private double recentBytes;

  private double recentSeconds;

  private boolean starting;
  private long seen;
  private long seenBefore;
  private double value = Double.NaN;
  private long measuredAt;

  /**
   * Makes a meter of a device that was not opened yet.
   *
   * @param stream knows for how long clients wait
   * @param pinned bytes per second that the device can give; NaN to measure them
   * @param nanoTime the clock of the stream, in nanoseconds
   */
  DeviceMeter(SampleBuffer stream, double pinned, LongSupplier nanoTime) {
    this.stream = stream;
    this.pinned = pinned;
    this.nanoTime = nanoTime;
    starting = Double.isNaN(pinned);
  }

  /** The device was opened, and may have saved something up before. */
  synchronized void opened() {
    open = true;
    openedAt = nanoTime.getAsLong();
    lastEnd = openedAt;
    seenBefore = seen;
    windows.drain();
  }

  /**
   * The capacity is in doubt: the reader should read on for a value as at the start.
   *
   * @return whether it was not at that already
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

  /** The device was closed, by an error or at its end. */
  synchronized void closed() {
    long now = nanoTime.getAsLong();
    if (isOverdue(now)) {
      value = rateOfStart(now);
      measuredAt = now;
    }
    open = false;
    reading = false;
  }

  /** The device has given all that it had: what was seen is its value, unless there is one. */
  synchronized void exhausted() {
    if (Double.isNaN(value) && seen > 0) {
      adopt(rateOfStart(lastEnd), nanoTime.getAsLong());
    }
    starting = false;
  }

  /** The reader had to wait until more was wanted; it continues now. */
  synchronized void rested() {
    windows.rested(nanoTime.getAsLong() - lastEnd);
  }

  /** A read begins. */
  synchronized void beginRead() {
    reading = true;
    readBegin = nanoTime.getAsLong();
  }

  /**
   * A read has ended.
   *
   * @param bytes that it gave; −1 for the end of the device
   * @return how long it took, in nanoseconds
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

  /** The same for a read whose bytes are thrown away: rate and capacity do not count it. */
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
   * Whether the start takes so long that what was seen of it is the value until it ends. The reader
   * still reads on: if this value were too small to admit a client, there would be no demand by
   * which a better one could be measured.
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

  /** Bytes per second of reading, over the last seconds of it; 0 before the first byte. */
  synchronized double rate() {
    return recentSeconds > 0 ? recentBytes / recentSeconds : 0;
  }

  /** How long the device takes for so many bytes. */
  Duration timeFor(long size) {
    double now = rate();
    return now == 0 ? GUESS : Duration.ofMillis((long) (size / now * MILLIS_PER_SECOND));
  }

  /** Whether the reader should read on without demand, until the capacity has its first value. */
  synchronized boolean isStarting() {
    return starting;
  }

  /** Whether the capacity is known, or was once. */
  boolean isMeasured() {
    return !Double.isNaN(pinnedOrMeasured());
  }

  /** Bytes per second that the device can give; NaN while they are not known, 0 in a stall. */
  double capacity() {
    return isStalled() ? 0 : pinnedOrMeasured();
  }

  private synchronized double pinnedOrMeasured() {
    if (!Double.isNaN(pinned)) {
      return pinned;
    }
    // The read under way may take for ever.
    long now = nanoTime.getAsLong();
    return isOverdue(now) ? rateOfStart(now) : value;
  }

  /** How long ago the capacity was measured; zero if it was not. */
  synchronized Duration capacityAge() {
    long now = nanoTime.getAsLong();
    return !Double.isNaN(pinned) || Double.isNaN(value) || isOverdue(now)
        ? Duration.ZERO
        : Duration.ofNanos(now - measuredAt);
  }

  /** When the first value of the capacity can be expected: a long start takes as long again. */
  synchronized Duration untilCapacity() {
    long spent = open ? nanoTime.getAsLong() - openedAt : 0;
    long left = Math.max(0, LONGEST_START.toNanos() - spent);
    return Duration.ofNanos(Math.min(left, Math.max(CapacityWindows.WINDOW_NANOS, spent)));
  }

  /**
   * Whether the device is held to give nothing: its read still waits, and a client has waited with
   * it for too long. It does not matter whether one waits now: all of them were disconnected.
   */
  synchronized boolean isStalled() {
    return reading && stream.hadLongWait(readBegin, nanoTime.getAsLong());
  }

  /**
   * For how long a client has waited with the read that waits; zero without one. The read may have
   * begun long before there was demand.
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
