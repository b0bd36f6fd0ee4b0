package io.netrng.server.source;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.TimeUnit;

/**
 * Fills slabs from an open channel and releases them. A slab is about a millisecond of the device:
 * one sample from a slow one, many in one read from a fast one.
 */
final class SlabReader {

  private static final int FIRST_READ = 64;
  private static final long SHORT_READ_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONG_READ_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final double SLABS_PER_SECOND = 1_000;

  private final FileChannel channel;
  private final ReleasedStream stream;
  private final ReadRate rate;
  private final CapacityMeter meter;
  private final ReadListener listener;
  private int readSize = FIRST_READ;

  /** Is told before a read (since when; 0 bytes) and after it (since 0; the bytes). */
  @FunctionalInterface
  interface ReadListener {
    void onRead(long since, int bytes);
  }

  SlabReader(
      FileChannel channel,
      ReleasedStream stream,
      ReadRate rate,
      CapacityMeter meter,
      ReadListener listener) {
    this.channel = channel;
    this.stream = stream;
    this.rate = rate;
    this.meter = meter;
    this.listener = listener;
  }

  /**
   * Reads until the channel ends. What is whole is released behind every read: the next one may
   * wait for as long as the device likes, and nobody's sample may wait with it.
   */
  void readToTheEnd() throws IOException, InterruptedException {
    Slab slab = newSlab();
    try {
      awaitRoom();
      while (read(slab)) {
        if (slab.whole() > 0) {
          Slab full = slab;
          slab = newSlab();
          full.movePartTo(slab);
          stream.release(full);
        }
        awaitRoom();
      }
    } finally {
      slab.destroy();
    }
  }

  /** The first value of the capacity is worth more in the ready buffer than it has room for. */
  private void awaitRoom() throws InterruptedException {
    if (!meter.isStarting() && stream.awaitRoom()) {
      meter.rested(System.nanoTime());
    }
  }

  /**
   * Reads once. How much follows how long it took: a slow device would keep what it has given until
   * a large read is full.
   */
  private boolean read(Slab slab) throws IOException {
    int limit = Math.min(readSize, slab.missing());
    long begun = System.nanoTime();
    listener.onRead(begun, 0);
    int bytes = slab.readFrom(channel, limit);
    long ended = System.nanoTime();
    long nanos = ended - begun;
    listener.onRead(0, Math.max(0, bytes));
    if (bytes < 0) {
      return false;
    }
    rate.add(bytes, nanos);
    meter.read(begun, ended, bytes);
    if (nanos > LONG_READ_NANOS) {
      readSize = Math.max(1, limit / 2);
    } else if (nanos < SHORT_READ_NANOS && bytes == readSize) {
      readSize = Math.min(2 * readSize, Slab.MAX_SIZE);
    }
    return true;
  }

  /** A slab for one read: a larger one would tie up memory that stays empty. */
  private Slab newSlab() {
    int size = stream.sampleSize();
    long bytes = (long) Math.min(rate.bytesPerSecond() / SLABS_PER_SECOND, readSize);
    return new Slab(
        Math.clamp(Math.ceilDiv(bytes, size), 1, Math.max(1, Slab.MAX_SIZE / size)), size);
  }
}
