// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.kernel;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An entropy pool, with the memory for the bytes of one call. Used by one thread. */
interface Pool extends Closeable {

  /** Opens a pool. */
  @FunctionalInterface
  interface Opener {
    /** Opens it, or throws why it cannot be opened. */
    Pool open() throws IOException;
  }

  /** Returns the memory for the bytes of the next call, from its first byte to its limit. */
  ByteBuffer bytes();

  /**
   * Adds the bytes, and zeroes them.
   *
   * @param bits the entropy that the kernel counts
   * @throws IOException if the kernel refuses it
   */
  void add(int bits) throws IOException;

  /**
   * Mixes the bytes into the pool without any entropy counted, and zeroes them. It needs no
   * capability.
   *
   * @throws IOException if the kernel refuses it
   */
  void mix() throws IOException;

  /**
   * Makes the kernel's generator use what was added, at once.
   *
   * @return false if the generator has no seed yet
   * @throws IOException if the kernel refuses it
   */
  boolean reseed() throws IOException;

  @Override
  void close();
}
