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
 * A FIFO that returns random bytes at 40 KiB/s. While slow, it returns 40 B/s. While stuck, it
 * returns only a few bytes, all with the same value.
 */
final class FaultyDevice {

  private static final long EVERY_MILLIS = 25;
  private static final int SOUND = 1_024;
  private static final int SLOW = 1;
  private static final int STUCK = 8;

  private final Path path;
  private final Random random;
  private OutputStream out;
  private volatile int bytesAtOnce = SOUND;

  /**
   * Creates the FIFO.
   *
   * @param writer runs the writer, which blocks one of its threads while no reader has the FIFO
   *     open
   */
  FaultyDevice(Path path, ScheduledExecutorService writer) throws Exception {
    this.path = path;
    // Different bytes per device. The server rejects equal bytes of two devices as a replay.
    random = new Random(path.getFileName().hashCode());
    Machine.run(List.of("mkfifo", path.toString()));
    var _ = writer.scheduleAtFixedRate(this::write, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  String path() {
    return path.toString();
  }

  void slowDown() {
    bytesAtOnce = SLOW;
  }

  void stick() {
    bytesAtOnce = STUCK;
  }

  void recover() {
    bytesAtOnce = SOUND;
  }

  private void write() {
    byte[] bytes = new byte[bytesAtOnce];
    if (bytes.length != STUCK) {
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
