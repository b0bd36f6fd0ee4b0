package io.netrng.client.stream;

import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/**
 * Random numbers that the kernel makes at each draw. A generator inside the JVM has a state, which
 * a snapshot of a virtual machine copies: clones that are restored from it would retry in lockstep.
 *
 * <p>The device stays open, so a draw needs no file descriptor.
 */
final class KernelRandom implements RandomGenerator {

  /** Without a buffer. A file channel would close when its thread is interrupted. */
  private final DataInputStream device;

  /** Draws from the kernel's generator. */
  KernelRandom() {
    this(Path.of("/dev/urandom"));
  }

  /**
   * Draws from a device.
   *
   * @throws UncheckedIOException if it cannot be opened
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
