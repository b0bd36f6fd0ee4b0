// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * A FIFO that is always full of random bytes: a small file on tmpfs, repeated. A file for a whole
 * run would be memory that was not accessed recently. Some machines read such memory at 2 GB/s and
 * others do not, so the figures would measure the machine. The odd size of the file shifts each
 * repetition against the windows of the health tests, which would otherwise detect a replay.
 */
final class FastSource implements AutoCloseable {

  private static final int SIZE = (1 << 20) + 1;

  /** Longer than any run. */
  private static final String SECONDS = "300";

  private final Path directory;
  private final Process filler;

  private FastSource(Path directory, Process filler) {
    this.directory = directory;
    this.filler = filler;
  }

  static FastSource start() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory(Path.of("/dev/shm"), "netrng-bench");
    byte[] random = new byte[SIZE];
    new SecureRandom().nextBytes(random);
    Path file = Files.write(directory.resolve("random"), random);
    Path fifo = directory.resolve("fifo");
    Command.run(List.of("mkfifo", fifo.toString()));
    List<String> command = new ArrayList<>(List.of("timeout", SECONDS));
    command.addAll(Command.java(Filler.class, file, SIZE, fifo));
    return new FastSource(directory, new ProcessBuilder(command).inheritIO().start());
  }

  Path fifo() {
    return directory.resolve("fifo");
  }

  @Override
  public void close() throws IOException {
    filler.destroy();
    filler.onExit().join();
    Files.delete(fifo());
    Files.delete(directory.resolve("random"));
    Files.delete(directory);
  }
}
