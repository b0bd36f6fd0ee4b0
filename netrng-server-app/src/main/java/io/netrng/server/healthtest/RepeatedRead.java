package io.netrng.server.healthtest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A guard: no read gives what the read before it gave. Of long reads the length and the first bytes
 * are compared, which are less likely to be equal by chance than the cutoff allows; so every pair
 * of equal reads is seen.
 */
final class RepeatedRead {

  /** The least that is looked at of a read, in bytes. */
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

  /** Takes the next bytes of a read. */
  void add(ByteBuffer bytes, int from, int length) {
    int kept = Math.min(length, first.capacity() - size);
    if (kept > 0) {
      first.put(size, bytes, from, kept);
    }
    size += length;
  }

  /** Tests the read that ends here; one without a byte is none. */
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

  /** Forgets the read that did not come to its end. */
  void restart() {
    ByteLanes.wipe(first);
    size = 0;
  }
}
