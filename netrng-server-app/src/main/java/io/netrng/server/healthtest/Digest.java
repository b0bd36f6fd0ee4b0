// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import static io.netrng.server.healthtest.ByteLanes.WORD_SIZE;

import java.nio.ByteBuffer;

/** Digests of 64 bits, which reveal nothing about the bytes without the key. */
final class Digest {

  /** Odd, with bits in all positions: 2^64 over the golden ratio. */
  private static final long STEP = 0x9e37_79b9_7f4a_7c15L;

  private final long key;
  private final long factor;

  Digest(long key) {
    this.key = key;
    factor = mixed(key) | 1;
  }

  /** A sum over the words, so that no word waits for the one before it. */
  long of(ByteBuffer bytes, int from, int size) {
    long sum = 0;
    long mask = key;
    for (int i = 0; i < size; i += WORD_SIZE) {
      long product = (bytes.getLong(from + i) ^ mask) * factor;
      sum += (product ^ (product >>> 32)) * STEP;
      mask += STEP;
    }
    return mixed(sum);
  }

  /** Makes every bit of the result depend on every bit of the word. */
  private static long mixed(long word) {
    long bits = (word ^ (word >>> 29)) * STEP;
    bits = (bits ^ (bits >>> 32)) * STEP;
    return bits ^ (bits >>> 31);
  }
}
