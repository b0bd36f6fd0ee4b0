// SPDX-License-Identifier: Apache-2.0
package io.netrng.posix;

import io.netrng.posix.Descriptor.Access;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** The kernel's random number generator (random(4)). Used by one thread. */
public final class KernelGenerator implements Closeable {

  private static final Path DEVICE = Path.of("/dev/random");
  private static final long RNDADDENTROPY = 0x4008_5203L;
  private static final long RNDRESEEDCRNG = 0x5207;

  /** The generator has no seed yet. */
  private static final int ENODATA = 61;

  private final Descriptor device;

  private KernelGenerator(Descriptor device) {
    this.device = device;
  }

  /** Links the calls that the other methods need, which otherwise happens at the first call. */
  public static void link() {
    Libc.link();
  }

  /**
   * Opens the device.
   *
   * @throws IOException if it cannot be opened
   */
  public static KernelGenerator open() throws IOException {
    return new KernelGenerator(Descriptor.open(DEVICE, Access.READ_WRITE));
  }

  /**
   * Mixes bytes in, and credits their entropy.
   *
   * @param poolInfo a struct rand_pool_info: the entropy in bits, the size in bytes, and the bytes
   * @throws IOException if the kernel refuses it, such as without CAP_SYS_ADMIN
   */
  public void add(MemorySegment poolInfo) throws IOException {
    require(device.control(RNDADDENTROPY, poolInfo));
  }

  /**
   * Mixes bytes in without credit. No capability is required.
   *
   * @param bytes an off-heap buffer, whose position is then its limit
   * @throws IOException with the reason of the C library
   */
  public void mix(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      device.write(bytes);
    }
  }

  /**
   * Makes the generator use at once what was mixed in.
   *
   * @return false if the generator has no seed yet
   * @throws IOException if the kernel refuses it, such as without CAP_SYS_ADMIN
   */
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
    device.close();
  }
}
