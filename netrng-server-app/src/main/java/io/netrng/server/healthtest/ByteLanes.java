// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import java.nio.ByteBuffer;

/** Operations on the eight bytes of a long. */
final class ByteLanes {

  static final int WORD_SIZE = Long.BYTES;

  static final long LOWEST_BITS = 0x0101_0101_0101_0101L;
  static final long HIGHEST_BITS = 0x8080_8080_8080_8080L;

  private ByteLanes() {}

  /** Returns the byte, eight times. */
  static long repeated(byte value) {
    return Byte.toUnsignedLong(value) * LOWEST_BITS;
  }

  /**
   * Returns a word that contains one of the {@link #HIGHEST_BITS} if and only if a byte of the
   * argument is 0.
   */
  static long anyZeroByte(long word) {
    return (word - LOWEST_BITS) & ~word;
  }

  /** The number of bytes of a word that are 0. */
  static int zeroBytes(long word) {
    // No byte carries into the next: 0x7f + 0x7f is less than 0x100.
    long otherBits = (word & ~HIGHEST_BITS) + ~HIGHEST_BITS;
    return Long.bitCount(~(otherBits | word) & HIGHEST_BITS);
  }

  /** The bits that are set in any byte of a word, in the lowest byte. */
  static int anyByte(long word) {
    long bits = word | (word >>> 32);
    bits |= bits >>> 16;
    bits |= bits >>> 8;
    return (int) bits & 0xff;
  }

  /** Zeroes all words of a buffer. */
  static void wipe(ByteBuffer bytes) {
    for (int i = 0; i < bytes.capacity(); i += WORD_SIZE) {
      bytes.putLong(i, 0);
    }
  }
}
