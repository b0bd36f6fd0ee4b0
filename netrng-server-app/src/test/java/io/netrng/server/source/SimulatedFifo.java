// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import java.util.concurrent.TimeUnit;

/**
 * A pipe of 64 KB between a throttled writer and a reader that is like {@link SlabReader}, in a
 * time of its own.
 */
final class SimulatedFifo {

  private static final int PIPE_SIZE = 64 * 1024;
  private static final long CALL_NANOS = 1_000;
  private static final long BYTES_PER_NANO = 4;
  private static final long SHORT_READ_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONG_READ_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final DeviceMeter meter =
      new DeviceMeter(
          new SampleBuffer(64, SampleBuffer.LONG_WAIT, this::now), Double.NaN, 1, this::now);
  private final double rate;
  private final int burst;
  private final long credit;

  private long now = 1;
  private int stored;
  private int toWrite;
  private double nextBurst;

  private int readSize = 64;
  private double ready;

  /**
   * Opens the pipe.
   *
   * @param rate what the writer gives, in bytes per second
   * @param burst what it writes at a time, in bytes
   * @param creditSeconds of how long a time it makes up for what it could not write
   */
  SimulatedFifo(double rate, int burst, int creditSeconds) {
    this.rate = rate;
    this.burst = burst;
    credit = TimeUnit.SECONDS.toNanos(creditSeconds);
    nextBurst = period();
    meter.opened();
    while (meter.isStarting()) {
      read();
    }
  }

  private double period() {
    return burst * 1e9 / rate;
  }

  /** Somebody takes so many bytes per second, for so long. */
  void demand(double bytesPerSecond, double seconds) {
    long end = now + (long) (seconds * 1e9);
    while (now < end) {
      long begin = now;
      if (ready < SampleBuffer.IDLE_SIZE) {
        read();
      } else {
        double surplus = ready - SampleBuffer.IDLE_SIZE + 512;
        passTo(Math.min(end, now + (long) Math.min(1e15, surplus / bytesPerSecond * 1e9) + 1_000));
        meter.rested();
      }
      ready = Math.max(0, ready - bytesPerSecond * (now - begin) / 1e9);
    }
  }

  /** Nobody takes anything, for so long. */
  void idle(double seconds) {
    demand(1e-9, seconds);
  }

  double value() {
    return meter.capacity();
  }

  private long now() {
    return now;
  }

  private void read() {
    long begin = now;
    meter.beginRead();
    if (stored == 0) {
      passTo((long) Math.ceil(nextBurst));
    }
    int bytes = Math.min(stored, readSize);
    stored -= bytes;
    passTo(now + CALL_NANOS + bytes / BYTES_PER_NANO);
    long nanos = now - begin;
    if (nanos > LONG_READ_NANOS) {
      readSize = Math.max(1, readSize / 2);
    } else if (nanos < SHORT_READ_NANOS && bytes == readSize) {
      readSize = Math.min(2 * readSize, Slab.MAX_SIZE);
    }
    meter.endRead(bytes);
    ready += bytes;
    // what is done with the bytes before the next read
    passTo(now + CALL_NANOS);
  }

  private void passTo(long time) {
    boolean writes = true;
    while (writes) {
      int written = Math.min(toWrite, PIPE_SIZE - stored);
      stored += written;
      toWrite -= written;
      writes = toWrite == 0 && nextBurst <= time;
      if (writes) {
        // A writer that was held up goes on from where it is, but for its credit.
        nextBurst = Math.max(nextBurst, now - (double) credit);
        now = Math.max(now, (long) nextBurst);
        toWrite = burst;
        nextBurst += period();
      }
    }
    now = Math.max(now, time);
  }
}
