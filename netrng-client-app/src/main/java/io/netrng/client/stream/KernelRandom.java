package io.netrng.client.stream;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/**
 * Random numbers that the kernel makes at each draw. A generator inside the JVM has a state, which
 * a snapshot of a virtual machine copies: clones that are restored from it would retry in lockstep.
 */
final class KernelRandom implements RandomGenerator {

  private final Path device;

  /** Draws from the kernel's generator. */
  KernelRandom() {
    this(Path.of("/dev/urandom"));
  }

  KernelRandom(Path device) {
    this.device = device;
  }

  @Override
  public long nextLong() {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(device))) {
      return in.readLong();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
