package io.netrng.server.source;

import io.netrng.server.healthtest.HealthTests;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Holds what was read from a device until it may be used: the bytes of a window when that window
 * and the next have passed, so that a fault which begins within a window is seen before the first
 * byte of that window is out. Used by one thread, from one start-up test to the end of the device
 * or a failure, which destroys what is held.
 */
final class Quarantine {

  private final HealthTests tests;
  private final SampleBuffer stream;
  private final Deque<Slab> held = new ArrayDeque<>();
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
   */
  void test(Slab slab, int bytes) throws HealthTestException {
    slab.test(tests, bytes);
  }

  /** Bytes in windows that have passed. */
  long passed() {
    return tests.windows() * HealthTests.WINDOW_SIZE;
  }

  /** Whether so much was tested that the first samples can go (SP 800-90B 4.3). */
  boolean hasStartedUp() {
    return passed() >= HealthTests.START_UP_SIZE;
  }

  /** Takes a slab with at least one whole sample, and no part of one. */
  void hold(Slab slab) {
    held.add(slab);
  }

  /** Releases the samples whose windows have passed, and so have the windows behind them. */
  void release() {
    if (!hasStartedUp()) {
      return;
    }
    long free = passed() - HealthTests.WINDOW_SIZE;
    while (!held.isEmpty()) {
      Slab first = held.element();
      int whole = first.whole();
      int samples = (int) Math.min(whole, (free - released) / stream.sampleSize());
      if (samples == 0) {
        return;
      }
      released += (long) samples * stream.sampleSize();
      if (samples == whole) {
        held.remove();
      }
      stream.release(first, samples);
    }
  }

  /** Destroys what is held. */
  void destroy() {
    held.forEach(Slab::destroy);
    held.clear();
    tests.restart();
  }
}
