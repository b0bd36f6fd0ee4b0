// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.conditioning;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * SHA-512 (FIPS 180-4) of bytes outside the heap, computed by OpenSSL's libcrypto.
 *
 * <p>{@code MessageDigest} would copy the bytes of a direct buffer through an array on the heap.
 * libcrypto reads them in place, is a maintained implementation with validated builds, as SP
 * 800-90B 3.1.5.1.1 expects of a vetted component, and follows the FIPS configuration of the
 * system. The library is loaded at the first use of this class.
 *
 * <p>Used by one thread. A fault of the library is an {@link IllegalStateException}.
 */
public final class Sha512 implements AutoCloseable {

  /** The size of a digest, in bytes. */
  public static final int SIZE = 64;

  private final MemorySegment context;
  private boolean closed;

  /**
   * Allocates a context outside the heap, which must be closed.
   *
   * @throws IllegalStateException if there is a {@link #problem}
   */
  public Sha512() {
    Libcrypto library = Libcrypto.get();
    context = library.newContext();
    library.start(context);
  }

  /** The reason why SHA-512 is not available, as text; empty if it is available. */
  public static Optional<String> problem() {
    return Libcrypto.problem();
  }

  /**
   * Adds bytes to the message.
   *
   * @param bytes memory outside the heap
   */
  public void update(MemorySegment bytes) {
    requireUsable(bytes);
    Libcrypto.get().update(context, bytes);
  }

  /** Adds the remaining bytes of a buffer outside the heap to the message. */
  public void update(ByteBuffer bytes) {
    update(MemorySegment.ofBuffer(bytes));
  }

  /**
   * The same as {@link #finish(MemorySegment)}.
   *
   * @param digest {@link #SIZE} remaining bytes outside the heap
   */
  public void finish(ByteBuffer digest) {
    finish(MemorySegment.ofBuffer(digest));
  }

  /**
   * Writes the digest of the message and starts the next message. The context keeps up to 127 bytes
   * of the finished message until {@link #wipe}, or until the next one is finished.
   *
   * @param digest memory of {@link #SIZE} bytes outside the heap
   */
  public void finish(MemorySegment digest) {
    requireUsable(digest);
    if (digest.byteSize() != SIZE) {
      throw new IllegalArgumentException("a digest of " + digest.byteSize() + " bytes");
    }
    Libcrypto.get().finish(context, digest);
    // Overwrites the state, which contains the digest.
    Libcrypto.get().start(context);
  }

  /** Discards the message, and zeroes all that the context keeps of it and the last one. */
  public void wipe() {
    requireOpen();
    Libcrypto library = Libcrypto.get();
    library.start(context);
    library.update(context, Libcrypto.ZEROS);
    library.start(context);
  }

  /** Zeroes and frees the context. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Libcrypto.get().free(context);
    }
  }

  private void requireUsable(MemorySegment memory) {
    requireOpen();
    if (!memory.isNative()) {
      throw new IllegalArgumentException("memory on the heap");
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("closed");
    }
  }
}
