// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/** A named pipe. */
final class Fifo {

  private Fifo() {}

  static Path make(Path path) throws IOException, InterruptedException {
    int status = new ProcessBuilder("mkfifo", path.toString()).start().waitFor();
    assertThat(status).as("the exit status of mkfifo").isZero();
    return path;
  }

  /** Opens the FIFO for writing, and waits for a reader. */
  static OutputStream write(Path path) throws IOException {
    return new FileOutputStream(path.toFile());
  }
}
