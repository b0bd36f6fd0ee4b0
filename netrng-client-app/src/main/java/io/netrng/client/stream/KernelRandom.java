// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/**
 * Random numbers that the kernel generates at each call. A generator inside the JVM has a state,
 * which a snapshot of a virtual machine copies. Clones that are restored from the snapshot would
 * retry in lockstep.
 *
 * <p>The device stays open, so a call needs no new file descriptor.
 */
final class KernelRandom implements RandomGenerator {

  /** Not buffered. A file channel would close when its thread is interrupted. */
  private final DataInputStream device;

  /** Reads from the kernel's generator. */
  KernelRandom() {
    this(Path.of("/dev/urandom"));
  }

  /**
   * Reads from a device.
   *
   * @throws UncheckedIOException if the device cannot be opened
   */
  KernelRandom(Path device) {
    try {
      this.device = new DataInputStream(new FileInputStream(device.toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public long nextLong() {
    try {
      return device.readLong();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
