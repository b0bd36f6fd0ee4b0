// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.kernel;

import java.nio.ByteBuffer;

/**
 * The repetition count test and the adaptive proportion test of SP 800-90B 4.4.1 and 4.4.2, over
 * all bytes in order. They replace the FIPS 140-2 test of {@code rngd}, and find a fault between
 * the server's tests and the kernel. For 8 bits of entropy in each byte, each test fails by chance
 * with a probability of at most 2⁻⁴⁰. Used by one thread.
 */
final class ContinuousTest {

  /** Equal bytes in a row: 1 + ⌈40 / 8⌉. */
  static final int REPETITIONS = 6;

  /** The size of a window, in bytes. */
  static final int WINDOW = 512;

  /** Bytes of a window that equal its first: 1 + critbinom(512, 2⁻⁸, 1 − 2⁻⁴⁰). */
  static final int PROPORTION = 19;

  /** The last byte and the first of the window; outside the heap, as all entropy. */
  private final ByteBuffer memory = ByteBuffer.allocateDirect(2);

  private int repeated;
  private int inWindow;
  private int equal;

  /**
   * Tests the next bytes.
   *
   * @param bytes outside the heap, from its first byte to its limit
   * @return whether they pass; after a failure, the tests start again
   */
  boolean passes(ByteBuffer bytes) {
    for (int from = 0; from < bytes.limit(); ) {
      int size = Math.min(WINDOW - inWindow, bytes.limit() - from);
      if (!passes(bytes, from, size)) {
        restart();
        return false;
      }
      from += size;
    }
    return true;
  }

  /** Tests bytes of one window. The loop has no branch and stores nothing: it costs most. */
  private boolean passes(ByteBuffer bytes, int from, int size) {
    byte first = inWindow == 0 ? bytes.get(from) : memory.get(1);
    byte last = memory.get(0);
    int inRow = repeated;
    int longest = 0;
    int same = inWindow == 0 ? 0 : equal;
    for (int i = from; i < from + size; i++) {
      byte next = bytes.get(i);
      inRow = next == last ? inRow + 1 : 1;
      longest = Math.max(longest, inRow);
      same += next == first ? 1 : 0;
      last = next;
    }
    memory.put(0, last).put(1, first);
    repeated = inRow;
    equal = same;
    inWindow = (inWindow + size) % WINDOW;
    return longest < REPETITIONS && same < PROPORTION;
  }

  /** Starts again, and zeroes what was remembered. */
  void restart() {
    memory.putShort(0, (short) 0);
    repeated = 0;
    inWindow = 0;
    equal = 0;
  }
}
