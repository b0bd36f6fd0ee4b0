// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Counts each byte value in blocks of a million bytes (SP 800-90B 3.1.1), and derives the estimates
 * of the device. Written by one thread; any thread may read the figures.
 */
final class ByteCounts {

  /** The size of a block, in bytes. */
  static final int BLOCK_SIZE = 1_000_000;

  /** With fewer bytes, the estimate depends more on their number than on the device. */
  static final int LEAST_SIZE = 10_000;

  private static final int VALUES = 256;

  private final int[] counts = new int[VALUES];
  private int size;
  private boolean firstBlock = true;
  private volatile EntropyEstimate figures = EntropyEstimate.UNKNOWN;

  /** Counts bytes from this index of the buffer on. */
  void add(ByteBuffer bytes, int from, int length) {
    int first = Math.min(length, BLOCK_SIZE - size);
    count(bytes, from, from + first);
    if (size == BLOCK_SIZE) {
      figures = EntropyEstimate.of(counts);
      Arrays.fill(counts, 0);
      size = 0;
      firstBlock = false;
      count(bytes, from + first, from + length);
    } else if (firstBlock && size >= LEAST_SIZE) {
      figures = EntropyEstimate.of(counts);
    }
  }

  private void count(ByteBuffer bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      counts[Byte.toUnsignedInt(bytes.get(i))]++;
    }
    size += to - from;
  }

  /** The figures of the last whole block, or of the bytes so far before the first. */
  EntropyEstimate figures() {
    return figures;
  }
}
