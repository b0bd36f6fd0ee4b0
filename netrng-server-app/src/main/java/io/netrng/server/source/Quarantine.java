// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.server.healthtest.HealthTest;
import io.netrng.server.healthtest.HealthTests;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Holds the bytes of a device until they may be used. The bytes of a window are released when that
 * window and the next have passed. A fault that begins within a window is thus detected before the
 * first byte of that window is released. Used by one thread, from a start-up test to the end of the
 * device or a failure, which destroys the held bytes.
 */
final class Quarantine {

  private final HealthTests tests;
  private final int sampleSize;
  private final Output output;
  private final Deque<SampleBatch> held = new ArrayDeque<>();
  private long released;

  /**
   * Restarts the tests.
   *
   * @param output receives the samples that leave the quarantine
   */
  Quarantine(HealthTests tests, int sampleSize, Output output) {
    this.tests = tests;
    this.sampleSize = sampleSize;
    this.output = output;
    tests.restart();
  }

  /**
   * Tests the bytes of a read.
   *
   * @param slab the slab that contains them
   * @param bytes the number of bytes read, which are the last in the slab
   * @return the test that failed; null if all passed
   */
  @Nullable HealthTest test(Slab slab, int bytes) {
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

  /** The number of bytes in windows that have passed. */
  long passed() {
    return tests.windows() * HealthTests.WINDOW_SIZE;
  }

  /** Whether enough bytes were tested to release the first samples (SP 800-90B 4.3). */
  boolean hasStartedUp() {
    return passed() >= HealthTests.START_UP_SIZE;
  }

  /** Takes ownership of the next samples. */
  void hold(SampleBatch batch) {
    held.add(batch);
  }

  /** Releases the samples whose windows, and the windows after them, have passed. */
  void release() {
    if (!hasStartedUp()) {
      return;
    }
    long samples = (passed() - HealthTests.WINDOW_SIZE - released) / sampleSize;
    while (samples > 0 && !held.isEmpty()) {
      SampleBatch batch = SampleBatch.take(held, samples);
      samples -= batch.samples();
      released += batch.size();
      output.take(batch);
    }
  }

  /** Destroys the held samples, and those that the output holds. */
  void destroy() {
    held.forEach(SampleBatch::release);
    held.clear();
    output.destroy();
    tests.restart();
  }
}
