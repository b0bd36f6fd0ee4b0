// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A guard: fails if a read returns the same bytes as the read before it. Of long reads only the
 * length and the first bytes are compared. The cutoff makes these less likely to be equal by chance
 * than α allows. Every pair of equal reads is therefore detected.
 */
final class RepeatedRead {

  /** The minimum number of compared bytes of a read. */
  private static final int LOOKED_AT = 64;

  private final int cutoff;
  private final Digest digest;
  private final ByteBuffer first;
  private int size;
  private int sizeBefore;
  private long digestBefore;

  RepeatedRead(int cutoff, Digest digest) {
    this.cutoff = cutoff;
    this.digest = digest;
    int words = Math.ceilDiv(Math.max(LOOKED_AT, cutoff), ByteLanes.WORD_SIZE);
    first = ByteBuffer.allocateDirect(words * ByteLanes.WORD_SIZE).order(ByteOrder.nativeOrder());
  }

  /** Adds the next bytes of a read. */
  void add(ByteBuffer bytes, int from, int length) {
    int kept = Math.min(length, first.capacity() - size);
    if (kept > 0) {
      first.put(size, bytes, from, kept);
    }
    size += length;
  }

  /** Tests the read that ends here; a read without a byte is ignored. */
  boolean endsDifferent() {
    if (size == 0) {
      return true;
    }
    long ofRead = digest.of(first, 0, first.capacity());
    boolean equal = size >= cutoff && size == sizeBefore && ofRead == digestBefore;
    sizeBefore = size;
    digestBefore = ofRead;
    restart();
    return !equal;
  }

  /** Discards an unfinished read. */
  void restart() {
    ByteLanes.wipe(first);
    size = 0;
  }
}
