// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The buffer between the readers and the distribution: samples with their places in one life of the
 * stream, and a small ready buffer. Readers wait here while there is no demand. All methods may be
 * called from any thread; none holds the lock for longer than a queue operation.
 */
public final class SampleBuffer {

  /** The maximum entropy of a batch (or one sample, if that is more), in bytes. */
  public static final long LONGEST_BATCH = Slab.MAX_SIZE;

  /** The fill level without demand, in bytes (or one sample, if that is more). */
  static final int IDLE_SIZE = 8 * 1024;

  /** The fill level with demand, in bytes (or two samples, if that is more). */
  static final int BUSY_SIZE = 512 * 1024;

  /** A device counts as silent if a client has waited for a byte of it for this time. */
  static final Duration LONG_WAIT = Duration.ofMinutes(1);

  /** The bits of the version and of the variant of a UUID (RFC 9562, section 4). */
  private static final long UUID_VERSION = 0xf000L;

  private static final long UUID_VARIANT = 0xc000_0000_0000_0000L;

  private final UUID epoch = newEpoch();
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

  /** A past period in which a client waited; on the stream's clock. */
  private record Wait(long begin, long end) {}

  SampleBuffer(int sampleSize) {
    this(sampleSize, LONG_WAIT, System::nanoTime);
  }

  /**
   * Creates an empty stream.
   *
   * @param longWait the wait after which a device without bytes counts as silent
   * @param nanoTime the clock of all {@link DeviceMeter}s, in nanoseconds
   */
  SampleBuffer(int sampleSize, Duration longWait, LongSupplier nanoTime) {
    this.sampleSize = sampleSize;
    this.longWait = longWait;
    this.nanoTime = nanoTime;
  }

  /**
   * Returns a random epoch that also differs by the time. Just after a snapshot was restored, the
   * kernel of each clone can give the same random bytes.
   */
  private static UUID newEpoch() {
    UUID random = UUID.randomUUID();
    Instant now = Instant.now();
    String text =
        random + " " + now.getEpochSecond() + " " + now.getNano() + " " + System.nanoTime();
    try {
      ByteBuffer digest =
          ByteBuffer.wrap(
              MessageDigest.getInstance("SHA-256")
                  .digest(text.getBytes(StandardCharsets.US_ASCII)));
      long version = random.getMostSignificantBits() & UUID_VERSION;
      long variant = random.getLeastSignificantBits() & UUID_VARIANT;
      return new UUID(
          (digest.getLong() & ~UUID_VERSION) | version,
          (digest.getLong() & ~UUID_VARIANT) | variant);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** This life of the stream: random, new at every start. */
  public UUID epoch() {
    return epoch;
  }

  /** Bytes of entropy in each sample. */
  public int sampleSize() {
    return sampleSize;
  }

  /** Sets the listener that runs on the reader's thread after each release of samples. */
  public void onRelease(Runnable newListener) {
    listener = newListener;
  }

  /**
   * Removes the next samples.
   *
   * @param maxSamples the maximum number of samples, at least 1
   * @param maxMemory bytes that the batch may occupy, if it is more than one sample
   * @return consecutive samples, or null if none is ready; null also signals demand to the readers
   *     until {@link #demandEnded} is called
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
    // Not for every batch, because waking a thread costs more than reading a batch.
    if (readersWaiting > 0 && readySize <= fullSize() / 2) {
      notifyAll();
    }
    return taken;
  }

  /** Records that there is no demand at present: only the small ready buffer is kept full. */
  public synchronized void demandEnded() {
    wanted = false;
    endWait();
  }

  /** The time since which demand exceeds the ready samples; zero without such demand. */
  public synchronized Duration wantedFor() {
    return waiting ? Duration.ofNanos(nanoTime.getAsLong() - waitingSince) : Duration.ZERO;
  }

  /** Whether a client waited for long without a break in the time from begin to now. */
  synchronized boolean hadLongWait(long begin, long now) {
    Wait last = lastLongWait;
    return (last != null && isLong(begin, last)) || (waiting && isLong(begin, waitUntil(now)));
  }

  private Wait waitUntil(long end) {
    return new Wait(waitingSince, end);
  }

  /** Whether the part of the wait after this time was long. */
  private boolean isLong(long begin, Wait wait) {
    return Math.min(wait.end - wait.begin, wait.end - begin) >= longWait.toNanos();
  }

  /** Keeps only the last long wait, because it ended later than those before it. */
  private void endWait() {
    if (waiting) {
      waiting = false;
      Wait ended = waitUntil(nanoTime.getAsLong());
      if (isLong(ended.begin, ended)) {
        lastLongWait = ended;
      }
    }
  }

  /** The number of ready bytes. */
  public synchronized long readySize() {
    return readySize;
  }

  /**
   * Waits until there is space for more; if the ready buffer is full, until half of it is taken.
   *
   * @param urgent whether the reader has a reason of its own not to wait; see {@link #wakeReaders}
   * @return whether it had to wait
   */
  synchronized boolean awaitSpace(BooleanSupplier urgent) throws InterruptedException {
    if (hasSpace() || urgent.getAsBoolean()) {
      return false;
    }
    readersWaiting++;
    try {
      while (!hasSpace() && !urgent.getAsBoolean()) {
        wait();
      }
    } finally {
      readersWaiting--;
    }
    return true;
  }

  /** Lets the waiting readers check whether they still have to wait. */
  synchronized void wakeReaders() {
    notifyAll();
  }

  /** Assigns places to samples that have passed their tests, and releases them. */
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
        // More samples are ready than the clients take.
        endWait();
      }
    }
    listener.run();
  }

  /** Destroys the ready samples, so that the readers have space. */
  public synchronized void clear() {
    ready.forEach(SampleBatch::release);
    ready.clear();
    readySize = 0;
    notifyAll();
  }

  /** Destroys the ready samples and all later ones. */
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
