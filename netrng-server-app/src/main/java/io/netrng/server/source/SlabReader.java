package io.netrng.server.source;

import io.netrng.server.healthtest.HealthTest;
import io.netrng.server.healthtest.HealthTests;
import java.io.IOException;
import java.nio.channels.ScatteringByteChannel;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Fills slabs from an open channel and hands them to the quarantine. A slab is about a millisecond
 * of the device: one sample from a slow one, many in one read from a fast one.
 */
final class SlabReader {

  private static final int FIRST_READ = 64;
  private static final long SHORT_READ_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONG_READ_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final double SLABS_PER_SECOND = 1_000;

  /** So many reads in a row that gave no byte, and did not wait for one, are a fault. */
  private static final int MOST_EMPTY_READS = 1_000;

  /** What one write can put into a pipe in one piece; less than that was all there was. */
  private static final int LARGEST_PIPE_WRITE = 4 * 1024;

  /** What a pipe can be made to hold. */
  private static final int LARGEST_PIPE = 1024 * 1024;

  private final ScatteringByteChannel channel;
  private final SampleBuffer stream;
  private final Quarantine quarantine;
  private final DeviceMeter meter;
  private final Consumer<Quarantine> onPassed;
  private int readSize = FIRST_READ;
  private int emptyReads;

  /**
   * Makes a reader that has read nothing.
   *
   * @param onPassed is called on the reader's thread behind each read that has passed its tests, as
   *     far as it completes windows
   */
  SlabReader(
      ScatteringByteChannel channel,
      SampleBuffer stream,
      Quarantine quarantine,
      DeviceMeter meter,
      Consumer<Quarantine> onPassed) {
    this.channel = channel;
    this.stream = stream;
    this.quarantine = quarantine;
    this.meter = meter;
    this.onPassed = onPassed;
  }

  /**
   * Reads until the channel ends or a test fails; what is in quarantine then is destroyed. What has
   * passed is released behind every read: the next one may wait for as long as the device likes,
   * and nobody's sample may wait with it.
   *
   * @return the test that failed; null at the end of the channel
   */
  @Nullable HealthTest readToTheEnd() throws IOException, InterruptedException {
    Slab slab = newSlab();
    try {
      awaitSpace();
      int bytes = read(slab);
      while (bytes >= 0) {
        HealthTest failed = quarantine.test(slab, bytes);
        if (failed != null) {
          return failed;
        }
        onPassed.accept(quarantine);
        if (slab.whole() > 0) {
          Slab full = slab;
          slab = newSlab();
          full.copyPartTo(slab);
          quarantine.hold(full.toBatch());
        }
        quarantine.release();
        awaitSpace();
        bytes = read(slab);
      }
      return null;
    } finally {
      slab.destroy();
      quarantine.destroy();
    }
  }

  /**
   * Throws away what a pipe has saved up since its writer failed, which would fail every test until
   * the last of it is read. Where there is nothing it waits for what comes next: what had to be
   * waited for is the first that was not saved up, and the last that is thrown away.
   */
  void emptyPipe() throws IOException {
    int size = stream.sampleSize();
    boolean more = true;
    for (int all = 0; more && all < LARGEST_PIPE; ) {
      Slab slab = new Slab(Slab.mostSamples(size), size);
      try {
        meter.beginRead();
        int read = slab.readFrom(channel, slab.missing());
        long nanos = meter.endDiscardedRead(read);
        more = read >= LARGEST_PIPE_WRITE && nanos < LONG_READ_NANOS;
        all += read;
      } finally {
        slab.destroy();
      }
    }
  }

  /**
   * Throws away so many bytes. What is tested next then begins where a window would have begun if
   * nothing had failed, so that it can be compared with the windows of other devices.
   *
   * @param bytes at most a window
   */
  void skip(int bytes) throws IOException {
    int size = stream.sampleSize();
    Slab slab = new Slab(Math.ceilDiv(HealthTests.WINDOW_SIZE, size), size);
    try {
      int left = bytes;
      while (left > 0) {
        meter.beginRead();
        int read = slab.readFrom(channel, left);
        meter.endDiscardedRead(read);
        if (read <= 0) {
          return;
        }
        left -= read;
      }
    } finally {
      slab.destroy();
    }
  }

  /**
   * The first value of the capacity, and whether the device is sound, are worth more than the ready
   * buffer has space for.
   */
  private void awaitSpace() throws InterruptedException {
    if (!meter.isStarting() && quarantine.hasStartedUp() && stream.awaitSpace()) {
      meter.rested();
    }
  }

  /**
   * Reads once. How much follows how long it took: a slow device would keep what it has given until
   * a large read is full.
   *
   * @return bytes read, −1 at the end of the channel
   */
  private int read(Slab slab) throws IOException {
    int limit = Math.min(readSize, slab.missing());
    meter.beginRead();
    int bytes = slab.readFrom(channel, limit);
    long nanos = meter.endRead(bytes);
    emptyReads = bytes == 0 ? emptyReads + 1 : 0;
    if (emptyReads > MOST_EMPTY_READS) {
      throw new IOException("gives nothing and does not wait");
    }
    if (nanos > LONG_READ_NANOS) {
      readSize = Math.max(1, limit / 2);
    } else if (nanos < SHORT_READ_NANOS && bytes == readSize) {
      readSize = Math.min(2 * readSize, Slab.MAX_SIZE);
    }
    return bytes;
  }

  /** A slab for one read: a larger one would tie up memory that stays empty. */
  private Slab newSlab() {
    int size = stream.sampleSize();
    long bytes = (long) Math.min(meter.rate() / SLABS_PER_SECOND, readSize);
    return new Slab(Math.clamp(Math.ceilDiv(bytes, size), 1, Slab.mostSamples(size)), size);
  }
}
