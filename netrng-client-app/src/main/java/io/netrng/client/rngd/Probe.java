package io.netrng.client.rngd;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What a program answered to a question on its command line.
 *
 * @param output standard output and standard error
 */
record Probe(String output) {

  /**
   * Asks, and kills a program that does not answer in time.
   *
   * @throws IOException if it cannot be started
   * @throws TimeoutException if it was killed
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
      // Once it has ended, this holds what was in the pipe and no longer waits for anyone.
      byte[] output = process.getInputStream().readAllBytes();
      return new Probe(new String(output, StandardCharsets.UTF_8));
    } finally {
      process.destroyForcibly();
    }
  }
}
