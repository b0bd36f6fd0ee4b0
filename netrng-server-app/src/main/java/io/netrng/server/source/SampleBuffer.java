package io.netrng.server.source;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the readers release and the distribution takes: samples with their places in one life of the
 * stream, and a small ready buffer. Readers wait here while nobody wants more. All methods may be
 * called from any thread; none holds the lock for longer than a queue operation.
 */
public final class SampleBuffer {

  /** No batch has more entropy than this (or than one sample, where that is more), in bytes. */
  public static final long LONGEST_BATCH = Slab.MAX_SIZE;

  /** What is kept ready while nobody asks, in bytes (or one sample, where that is more). */
  static final int IDLE_SIZE = 8 * 1024;

  /** What is kept ready while somebody asks, in bytes (or two samples, where that is more). */
  static final int BUSY_SIZE = 512 * 1024;

  /** A device is held to be silent if somebody has waited for a byte of it for so long. */
  static final Duration LONG_WAIT = Duration.ofMinutes(1);

  private final UUID epoch = UUID.randomUUID();
  private final int sampleSize;
  private final Duration longWait;
  private final LongSupplier nanoTime;
  private final Deque<SampleBatch> ready = new ArrayDeque<>();
  private long readySize;
  private long nextOffset;
  private boolean wanted;
  private boolean waiting;
  private long waitingSince;
  private @Nullable Wait lastLongWait;
  private int readersWaiting;
  private boolean closed;
  private volatile Runnable listener = () -> {};

  /** A time in which somebody waited and is over; on the stream's clock. */
  private record Wait(long begin, long end) {}

  SampleBuffer(int sampleSize) {
    this(sampleSize, LONG_WAIT, System::nanoTime);
  }

  /**
   * Makes a stream that is empty.
   *
   * @param longWait after which a device that gives nothing is held to be silent
   * @param nanoTime the clock of all {@link DeviceMeter}s, in nanoseconds
   */
  SampleBuffer(int sampleSize, Duration longWait, LongSupplier nanoTime) {
    this.sampleSize = sampleSize;
    this.longWait = longWait;
    this.nanoTime = nanoTime;
  }

  /** This life of the stream: random, new at every start. */
  public UUID epoch() {
    return epoch;
  }

  /** Bytes of entropy in each sample. */
  public int sampleSize() {
    return sampleSize;
  }

  /** Sets who is told, on the reader's thread, that there is something to take. */
  public void onRelease(Runnable newListener) {
    listener = newListener;
  }

  /**
   * Takes the next samples.
   *
   * @param maxSamples the most to take, at least 1
   * @param maxMemory bytes that the batch may hold, if it is more than one sample
   * @return consecutive samples, or null if none is ready: then the readers are told that more is
   *     wanted, until {@link #demandEnded} is called
   */
  public @Nullable SampleBatch poll(long maxSamples, long maxMemory) {
    SampleBatch taken = take(maxSamples);
    return taken == null ? null : taken.compact(maxMemory);
  }

  private synchronized @Nullable SampleBatch take(long maxSamples) {
    if (ready.isEmpty()) {
      wanted = true;
      if (!waiting) {
        waiting = true;
        waitingSince = nanoTime.getAsLong();
      }
      notifyAll();
      return null;
    }
    SampleBatch taken = SampleBatch.take(ready, maxSamples);
    readySize -= taken.size();
    // Not for every batch: waking a thread costs more than reading one.
    if (readersWaiting > 0 && readySize <= fullSize() / 2) {
      notifyAll();
    }
    return taken;
  }

  /** Nobody asks for samples at present: only the small ready buffer is kept full. */
  public synchronized void demandEnded() {
    wanted = false;
    endWait();
  }

  /** For how long somebody has been asking for more than is ready; zero if nobody is. */
  public synchronized Duration wantedFor() {
    return waiting ? Duration.ofNanos(nanoTime.getAsLong() - waitingSince) : Duration.ZERO;
  }

  /** Whether somebody has waited for long without a break in the time from begin to now. */
  synchronized boolean hadLongWait(long begin, long now) {
    Wait last = lastLongWait;
    return (last != null && isLong(begin, last)) || (waiting && isLong(begin, waitUntil(now)));
  }

  private Wait waitUntil(long end) {
    return new Wait(waitingSince, end);
  }

  /** Whether the part of the wait behind this time was long. */
  private boolean isLong(long begin, Wait wait) {
    return Math.min(wait.end - wait.begin, wait.end - begin) >= longWait.toNanos();
  }

  /** The last long wait says all about those before it: it ended later. */
  private void endWait() {
    if (waiting) {
      waiting = false;
      Wait ended = waitUntil(nanoTime.getAsLong());
      if (isLong(ended.begin, ended)) {
        lastLongWait = ended;
      }
    }
  }

  /** Bytes that are ready. */
  public synchronized long readySize() {
    return readySize;
  }

  /**
   * Waits until there is space for more: where the ready buffer is full, until half of it is taken.
   *
   * @return whether it had to wait
   */
  synchronized boolean awaitSpace() throws InterruptedException {
    if (hasSpace()) {
      return false;
    }
    readersWaiting++;
    try {
      while (!hasSpace()) {
        wait();
      }
    } finally {
      readersWaiting--;
    }
    return true;
  }

  /** Gives samples that have passed their tests their places, and releases them. */
  void release(SampleBatch passed) {
    synchronized (this) {
      if (closed) {
        passed.release();
        return;
      }
      SampleBatch batch = passed.placeAt(nextOffset);
      nextOffset += batch.size();
      ready.add(batch);
      readySize += batch.size();
      if (!hasSpace()) {
        // More is there than anybody takes.
        endWait();
      }
    }
    listener.run();
  }

  /** Destroys what is ready, so that the readers have space. */
  synchronized void clear() {
    ready.forEach(SampleBatch::release);
    ready.clear();
    readySize = 0;
    notifyAll();
  }

  /** Destroys what is ready, and everything that comes. */
  synchronized void close() {
    closed = true;
    clear();
  }

  private boolean hasSpace() {
    return readySize < fullSize();
  }

  private long fullSize() {
    return wanted ? Math.max(BUSY_SIZE, 2 * sampleSize) : Math.max(IDLE_SIZE, sampleSize);
  }
}
