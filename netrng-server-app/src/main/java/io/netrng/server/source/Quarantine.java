package io.netrng.server.source;

import io.netrng.server.healthtest.HealthTest;
import io.netrng.server.healthtest.HealthTests;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Holds what was read from a device until it may be used: the bytes of a window when that window
 * and the next have passed, so that a fault which begins within a window is seen before the first
 * byte of that window is out. Used by one thread, from one start-up test to the end of the device
 * or a failure, which destroys what is held.
 */
final class Quarantine {

  private final HealthTests tests;
  private final SampleBuffer stream;
  private final Deque<SampleBatch> held = new ArrayDeque<>();
  private long released;

  Quarantine(HealthTests tests, SampleBuffer stream) {
    this.tests = tests;
    this.stream = stream;
    tests.restart();
  }

  /**
   * Tests what a read has given.
   *
   * @param slab that it was read into
   * @param bytes that were read, which are the last in it
   * @return the test that failed; null if none did
   */
  @Nullable HealthTest test(Slab slab, int bytes) {
    int sampleSize = stream.sampleSize();
    int end = slab.filled();
    int next = end - bytes;
    HealthTest failed = null;
    while (next < end && failed == null) {
      int from = next % sampleSize;
      int length = Math.min(sampleSize - from, end - next);
      failed = tests.test(slab.sample(next / sampleSize), from, length);
      next += length;
    }
    return failed == null ? tests.endRead() : failed;
  }

  /** Bytes in windows that have passed. */
  long passed() {
    return tests.windows() * HealthTests.WINDOW_SIZE;
  }

  /** Whether so much was tested that the first samples can go (SP 800-90B 4.3). */
  boolean hasStartedUp() {
    return passed() >= HealthTests.START_UP_SIZE;
  }

  /** Takes over the next samples. */
  void hold(SampleBatch batch) {
    held.add(batch);
  }

  /** Releases the samples whose windows have passed, and so have the windows behind them. */
  void release() {
    if (!hasStartedUp()) {
      return;
    }
    long samples = (passed() - HealthTests.WINDOW_SIZE - released) / stream.sampleSize();
    while (samples > 0 && !held.isEmpty()) {
      SampleBatch batch = SampleBatch.take(held, samples);
      samples -= batch.samples();
      released += batch.size();
      stream.release(batch);
    }
  }

  /** Destroys what is held. */
  void destroy() {
    held.forEach(SampleBatch::release);
    held.clear();
    tests.restart();
  }
}
