// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A FIFO that returns 64 KiB/s in small writes, until it is closed. */
final class SlowFifo implements AutoCloseable {

  private static final int WRITES_PER_SECOND = 64;

  private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor();
  private final Random random = new Random(1);
  private final byte[] bytes = new byte[1_024];
  private final Path path;
  private volatile @Nullable OutputStream out;

  SlowFifo(Path path) throws IOException, InterruptedException {
    this.path = path;
    Machine.run(List.of("mkfifo", path.toString()));
    long micros = TimeUnit.SECONDS.toMicros(1) / WRITES_PER_SECOND;
    var _ = writer.scheduleAtFixedRate(this::write, 0, micros, TimeUnit.MICROSECONDS);
  }

  Path path() {
    return path;
  }

  private void write() {
    try {
      OutputStream stream = out;
      if (stream == null) {
        // Blocks until a reader opens the FIFO.
        stream = Files.newOutputStream(path);
        out = stream;
      }
      random.nextBytes(bytes);
      stream.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    writer.shutdownNow();
    OutputStream stream = out;
    if (stream != null) {
      stream.close();
    }
  }
}
