// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import static io.netrng.server.healthtest.ByteLanes.WORD_SIZE;
import static io.netrng.server.healthtest.HealthTests.WINDOW_SIZE;

import java.nio.ByteBuffer;

/**
 * The repetition count test (SP 800-90B 4.4.1): fails if a byte occurs too often in a row, also
 * across the bounds of windows.
 */
final class RepetitionCount {

  /** Each step reads two bytes more than a word. */
  private static final int LAST_PLACE = WINDOW_SIZE - WORD_SIZE - 2;

  private final int cutoff;

  /** The last byte before the window; off-heap, as all entropy is. */
  private final ByteBuffer last = ByteBuffer.allocateDirect(1);

  /** The number of its occurrences in a row; 0 without a byte. */
  private int count;

  RepetitionCount(int cutoff) {
    if (cutoff < 3) {
      throw new IllegalArgumentException("runs of two are not looked for");
    }
    this.cutoff = cutoff;
  }

  /** Tests the next window, which begins at this index of the buffer. */
  boolean passes(ByteBuffer bytes, int from) {
    int lead = lead(bytes, from);
    int total = count > 0 && bytes.get(from) == last.get(0) ? lead + count : lead;
    if (total >= cutoff || (hasThreeInARow(bytes, from) && longestRun(bytes, from) >= cutoff)) {
      return false;
    }
    count = lead == WINDOW_SIZE ? total : trail(bytes, from);
    last.put(0, bytes.get(from + WINDOW_SIZE - 1));
    return true;
  }

  void restart() {
    count = 0;
    last.put(0, (byte) 0);
  }

  /**
   * Tests eight places at a time. This usually suffices, because chance has such a run in 1 of 128
   * windows.
   */
  private static boolean hasThreeInARow(ByteBuffer bytes, int from) {
    long zeroes = 0;
    for (int i = 0; i < LAST_PLACE; i += WORD_SIZE) {
      zeroes |= threeInARow(bytes, from + i);
    }
    return ((zeroes | threeInARow(bytes, from + LAST_PLACE)) & ByteLanes.HIGHEST_BITS) != 0;
  }

  /** Marks each place with three equal bytes in the highest bits of the result. */
  private static long threeInARow(ByteBuffer bytes, int index) {
    long word = bytes.getLong(index);
    return ByteLanes.anyZeroByte(
        (word ^ bytes.getLong(index + 1)) | (word ^ bytes.getLong(index + 2)));
  }

  private static int longestRun(ByteBuffer bytes, int from) {
    int longest = 1;
    int run = 1;
    for (int i = from + 1; i < from + WINDOW_SIZE; i++) {
      run = bytes.get(i) == bytes.get(i - 1) ? run + 1 : 1;
      longest = Math.max(longest, run);
    }
    return longest;
  }

  /** The number of equal bytes at the beginning of the window. */
  private static int lead(ByteBuffer bytes, int from) {
    int length = 1;
    while (length < WINDOW_SIZE && bytes.get(from + length) == bytes.get(from)) {
      length++;
    }
    return length;
  }

  /** The number of equal bytes at the end of the window. */
  private static int trail(ByteBuffer bytes, int from) {
    int end = from + WINDOW_SIZE - 1;
    int length = 1;
    while (length < WINDOW_SIZE && bytes.get(end - length) == bytes.get(end)) {
      length++;
    }
    return length;
  }
}
