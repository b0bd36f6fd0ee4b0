// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.netrng.client.sink.Wipe;
import io.netrng.posix.Descriptor;
import io.netrng.posix.Descriptor.Access;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The kernel's entropy pool (random(4)). It holds the memory for the bytes of one call, outside the
 * heap, and zeroes it after the call. Used by one thread.
 */
final class KernelPool implements Pool {

  /** The most bytes of one call. */
  static final int SIZE = 16 * 1024;

  private static final Path DEVICE = Path.of("/dev/random");
  private static final long RNDADDENTROPY = 0x4008_5203L;
  private static final long RNDRESEEDCRNG = 0x5207;

  /** The generator has no seed yet. */
  private static final int ENODATA = 61;

  /** struct rand_pool_info: the entropy in bits, the size of the bytes, the bytes. */
  private static final int HEADER = 8;

  private static final int SIZE_OFFSET = 4;

  private final Descriptor device;
  private final ByteBuffer call = ByteBuffer.allocateDirect(HEADER + SIZE);
  private final ByteBuffer bytes = call.slice(HEADER, SIZE);

  private KernelPool(Descriptor device) {
    this.device = device;
  }

  /**
   * Opens the device.
   *
   * @throws IOException if it cannot be opened
   */
  static KernelPool open() throws IOException {
    return new KernelPool(Descriptor.open(DEVICE, Access.READ_WRITE));
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
      require(device.control(RNDADDENTROPY, argument));
    } finally {
      Wipe.fill(bytes);
    }
  }

  @Override
  public void mix() throws IOException {
    try {
      while (bytes.hasRemaining()) {
        device.write(bytes);
      }
    } finally {
      Wipe.fill(bytes);
    }
  }

  @Override
  public boolean reseed() throws IOException {
    int errno = device.control(RNDRESEEDCRNG, MemorySegment.NULL);
    if (errno != ENODATA) {
      require(errno);
    }
    return errno == 0;
  }

  private void require(int errno) throws IOException {
    if (errno != 0) {
      throw device.failure(errno);
    }
  }

  @Override
  public void close() {
    Wipe.fill(bytes.clear());
    device.close();
  }
}
