// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.netrng.client.sink.Wipe;
import io.netrng.posix.KernelGenerator;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * The kernel's entropy pool. It holds the memory for the bytes of one call, outside the heap, and
 * zeroes it after the call. Used by one thread.
 */
final class KernelPool implements Pool {

  /** The most bytes of one call. */
  static final int SIZE = 16 * 1024;

  /** struct rand_pool_info: the entropy in bits, the size of the bytes, the bytes. */
  private static final int HEADER = 8;

  private static final int SIZE_OFFSET = 4;

  private final KernelGenerator generator;
  private final ByteBuffer call = ByteBuffer.allocateDirect(HEADER + SIZE);
  private final ByteBuffer bytes = call.slice(HEADER, SIZE);

  private KernelPool(KernelGenerator generator) {
    this.generator = generator;
  }

  /**
   * Opens the device.
   *
   * @throws IOException if it cannot be opened
   */
  static KernelPool open() throws IOException {
    return new KernelPool(KernelGenerator.open());
  }

  @Override
  public ByteBuffer bytes() {
    return bytes;
  }

  @Override
  public void add(int bits) throws IOException {
    MemorySegment argument = MemorySegment.ofBuffer(call.clear());
    argument.set(JAVA_INT, 0, bits);
    argument.set(JAVA_INT, SIZE_OFFSET, bytes.limit());
    try {
      generator.add(argument);
    } finally {
      Wipe.fill(bytes);
    }
  }

  @Override
  public void mix() throws IOException {
    try {
      generator.mix(bytes);
    } finally {
      Wipe.fill(bytes);
    }
  }

  @Override
  public boolean reseed() throws IOException {
    return generator.reseed();
  }

  @Override
  public void close() {
    Wipe.fill(bytes.clear());
    generator.close();
  }
}
