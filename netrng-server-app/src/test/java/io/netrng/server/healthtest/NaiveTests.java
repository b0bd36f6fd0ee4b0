// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tests as the standard writes them, byte by byte over an array: what the fast ones must be.
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
   * What fails in a window of a stream in which no window before it failed.
   *
   * @param window its number
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
