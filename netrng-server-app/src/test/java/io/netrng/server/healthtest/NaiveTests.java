// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tests as in the standard, byte by byte over an array. Tests compare the fast implementation
 * with them.
 */
final class NaiveTests {

  private static final int WINDOW_SIZE = HealthTests.WINDOW_SIZE;

  private final Cutoffs cutoffs;
  private final byte[] bytes;

  NaiveTests(Cutoffs cutoffs, byte[] bytes) {
    this.cutoffs = cutoffs;
    this.bytes = bytes;
  }

  /**
   * Returns the test that fails in a window. No test may fail in an earlier window.
   *
   * @param window the number of the window
   */
  @Nullable HealthTest test(int window) {
    int from = window * WINDOW_SIZE;
    byte[] tested = Arrays.copyOfRange(bytes, from, from + WINDOW_SIZE);
    if (repeats(from)) {
      return HealthTest.REPETITION_COUNT;
    }
    int count = 0;
    int or = 0;
    int and = 0xff;
    for (byte b : tested) {
      count += b == tested[0] ? 1 : 0;
      or |= b & 0xff;
      and &= b & 0xff;
    }
    if (count >= cutoffs.proportion()) {
      return HealthTest.ADAPTIVE_PROPORTION;
    }
    if (cutoffs.stuckBit() && (or != 0xff || and != 0)) {
      return HealthTest.STUCK_BIT;
    }
    return replays(window, tested) ? HealthTest.REPLAYED_WINDOW : null;
  }

  private boolean repeats(int from) {
    int run = 0;
    for (int i = 0; i < from + WINDOW_SIZE; i++) {
      run = i > 0 && bytes[i] == bytes[i - 1] ? run + 1 : 1;
      if (i >= from && run >= cutoffs.repetition()) {
        return true;
      }
    }
    return false;
  }

  private boolean replays(int window, byte[] tested) {
    Set<Integer> equal = new HashSet<>();
    for (int n = Math.max(0, window - ReplayedWindow.REMEMBERED); n < window; n++) {
      int from = n * WINDOW_SIZE;
      if (Arrays.equals(tested, 0, WINDOW_SIZE, bytes, from, from + WINDOW_SIZE)) {
        equal.add(n);
      }
    }
    return !equal.isEmpty();
  }
}
