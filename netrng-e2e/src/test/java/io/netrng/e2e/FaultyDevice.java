// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A FIFO that gives random bytes, 40 KiB a second, until it is stuck: then a few that are all the
 * same.
 */
final class FaultyDevice {

  private static final long EVERY_MILLIS = 25;
  private static final int SOUND = 1_024;
  private static final int STUCK = 8;

  private final Path path;
  private final Random random;
  private OutputStream out;
  private volatile boolean stuck;

  /**
   * Makes it.
   *
   * @param writer a thread of which waits while nobody reads
   */
  FaultyDevice(Path path, ScheduledExecutorService writer) throws Exception {
    this.path = path;
    // Two devices of one server must not give the same bytes: that fails as a replay.
    random = new Random(path.getFileName().hashCode());
    Machine.run(List.of("mkfifo", path.toString()));
    var _ = writer.scheduleAtFixedRate(this::write, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  String path() {
    return path.toString();
  }

  void stick() {
    stuck = true;
  }

  void recover() {
    stuck = false;
  }

  private void write() {
    byte[] bytes = new byte[stuck ? STUCK : SOUND];
    if (!stuck) {
      random.nextBytes(bytes);
    }
    try {
      if (out == null) {
        out = Files.newOutputStream(path);
      }
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
