package io.netrng.server.healthtest;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * How often each byte value came, in blocks of a million bytes (SP 800-90B 3.1.1), and what that
 * says of the device. Written by one thread; the figures may be asked for by any.
 */
final class ByteCounts {

  /** The bytes of a block. */
  static final int BLOCK_SIZE = 1_000_000;

  /** Of fewer bytes the estimate says more of their number than of the device. */
  static final int LEAST_SIZE = 10_000;

  private static final int VALUES = 256;

  private final int[] counts = new int[VALUES];
  private int size;
  private boolean firstBlock = true;
  private volatile EntropyEstimate figures = EntropyEstimate.UNKNOWN;

  /** Counts bytes from an index of the buffer on. */
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

  /** Those of the last whole block, or of what there is before the first. */
  EntropyEstimate figures() {
    return figures;
  }
}
