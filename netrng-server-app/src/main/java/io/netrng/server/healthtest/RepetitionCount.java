package io.netrng.server.healthtest;

import static io.netrng.server.healthtest.ByteLanes.WORD_SIZE;
import static io.netrng.server.healthtest.HealthTests.WINDOW_SIZE;

import java.nio.ByteBuffer;

/**
 * The repetition count test (SP 800-90B 4.4.1): no byte comes too often in a row, across the bounds
 * of windows as well.
 */
final class RepetitionCount {

  /** Two more bytes than a word are looked at from one place. */
  private static final int LAST_PLACE = WINDOW_SIZE - WORD_SIZE - 2;

  private final int cutoff;

  /** The last byte before the window: off the heap, as all entropy. */
  private final ByteBuffer last = ByteBuffer.allocateDirect(1);

  /** How often in a row it came, 0 if there was none. */
  private int count;

  RepetitionCount(int cutoff) {
    if (cutoff < 3) {
      throw new IllegalArgumentException("runs of two are not looked for");
    }
    this.cutoff = cutoff;
  }

  /** Tests the next window, which begins at an index of the buffer. */
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

  /** Eight places at a time, which is often enough alone: chance has such a run in 1 of 128. */
  private static boolean hasThreeInARow(ByteBuffer bytes, int from) {
    long zeroes = 0;
    for (int i = 0; i < LAST_PLACE; i += WORD_SIZE) {
      zeroes |= threeInARow(bytes, from + i);
    }
    return ((zeroes | threeInARow(bytes, from + LAST_PLACE)) & ByteLanes.HIGHEST_BITS) != 0;
  }

  /** The highest bits of the result tell of it. */
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

  /** How many bytes at the beginning of the window are equal. */
  private static int lead(ByteBuffer bytes, int from) {
    int length = 1;
    while (length < WINDOW_SIZE && bytes.get(from + length) == bytes.get(from)) {
      length++;
    }
    return length;
  }

  /** How many bytes at the end of the window are equal. */
  private static int trail(ByteBuffer bytes, int from) {
    int end = from + WINDOW_SIZE - 1;
    int length = 1;
    while (length < WINDOW_SIZE && bytes.get(end - length) == bytes.get(end)) {
      length++;
    }
    return length;
  }
}
