// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.server.healthtest.HealthTest;
import io.netrng.server.healthtest.HealthTests;
import java.io.IOException;
import java.nio.channels.ScatteringByteChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Fills slabs from an open channel and passes them to the quarantine. A slab covers about a
 * millisecond of the device: one sample of a slow device, many samples in one read of a fast one.
 */
final class SlabReader {

  private static final int FIRST_READ = 64;
  private static final long SHORT_READ_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONG_READ_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final double SLABS_PER_SECOND = 1_000;

  /** This number of reads in a row without a byte and without a wait is a fault. */
  private static final int MOST_EMPTY_READS = 1_000;

  /** The maximum atomic write to a pipe, in bytes; a shorter read emptied the pipe. */
  private static final int LARGEST_PIPE_WRITE = 4 * 1024;

  /** The maximum capacity of a pipe, in bytes. */
  private static final int LARGEST_PIPE = 1024 * 1024;

  private final ScatteringByteChannel channel;
  private final SampleBuffer stream;
  private final Quarantine quarantine;
  private final DeviceMeter meter;
  private final Control control;
  private int readSize = FIRST_READ;
  private int emptyReads;

  /** Decides what happens between reads, on the reader's thread. */
  interface Control {

    /** Runs after each read whose complete windows have passed the tests. */
    void onPassed(Quarantine quarantine);

    /** Whether the reading ends here, because the device must pass a new start-up test. */
    default boolean isInterrupted() {
      return false;
    }

    /** Whether to read without demand. */
    default boolean isUrgent() {
      return false;
    }
  }

  /** Creates a reader. */
  SlabReader(
      ScatteringByteChannel channel,
      SampleBuffer stream,
      Quarantine quarantine,
      DeviceMeter meter,
      Control control) {
    this.channel = channel;
    this.stream = stream;
    this.quarantine = quarantine;
    this.meter = meter;
    this.control = control;
  }

  /**
   * Reads until the channel ends, a test fails or the control interrupts; each destroys the samples
   * in quarantine. Passed samples are released after every read, because the next read may wait for
   * any time and must not delay them.
   *
   * @return the test that failed; null at the end of the channel or after an interruption
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
        control.onPassed(quarantine);
        if (control.isInterrupted()) {
          return null;
        }
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
   * Discards the bytes that a pipe has stored since its writer failed. They would fail every test
   * until the last of them is read. If the pipe is empty, it waits for the next bytes. The first
   * bytes after a wait were not stored; they are the last to be discarded.
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
   * Discards bytes up to a window boundary. The next tested bytes then begin where a window would
   * have begun without the failure. They can thus be compared with the windows of other devices.
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
   * Does not wait for space while the capacity has no first value or the start-up test is running;
   * both matter more than the limit of the ready buffer.
   */
  private void awaitSpace() throws InterruptedException {
    if (!meter.isStarting() && quarantine.hasStartedUp() && stream.awaitSpace(control::isUrgent)) {
      meter.rested();
    }
  }

  /**
   * Reads once. The duration of earlier reads determines the size. A slow device would keep its
   * bytes until a large read is full.
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

  /** Creates a slab for one read, because a larger one would occupy unused memory. */
  private Slab newSlab() {
    int size = stream.sampleSize();
    long bytes = (long) Math.min(meter.rate() / SLABS_PER_SECOND, readSize);
    return new Slab(Math.clamp(Math.ceilDiv(bytes, size), 1, Slab.mostSamples(size)), size);
  }
}
