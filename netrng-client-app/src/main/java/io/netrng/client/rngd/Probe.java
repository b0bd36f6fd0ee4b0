// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The output of a program that was run with a query option.
 *
 * @param output standard output and standard error
 */
record Probe(String output) {

  /**
   * Runs the program, and kills it at the timeout.
   *
   * @throws IOException if the program cannot be started
   * @throws TimeoutException if the program was killed
   */
  static Probe ask(Duration limit, List<String> command)
      throws IOException, InterruptedException, TimeoutException {
    Process process =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .start();
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TimeoutException(String.join(" ", command));
      }
      // The process has ended, so this stream holds the rest of the pipe and does not block.
      byte[] output = process.getInputStream().readAllBytes();
      return new Probe(new String(output, StandardCharsets.UTF_8));
    } finally {
      process.destroyForcibly();
    }
  }
}
