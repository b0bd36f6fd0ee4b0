// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.util.concurrent.TimeUnit;

/**
 * A class of this benchmark in a separate process, so that it takes no time from the measured
 * process. It exchanges lines with the benchmark. It ends at the end of its standard input, so it
 * never outlives the benchmark.
 */
final class Worker implements AutoCloseable {

  private static final long END_SECONDS = 10;

  private final Process process;
  private final Writer input;
  private final BufferedReader output;

  private Worker(Process process) {
    this.process = process;
    input = process.outputWriter();
    output = process.inputReader();
  }

  static Worker start(Class<?> main, Object... arguments) throws IOException {
    return new Worker(
        new ProcessBuilder(Command.java(main, arguments))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  void writeLine(Object line) throws IOException {
    input.write(line + "\n");
    input.flush();
  }

  /**
   * Waits for the next line.
   *
   * @throws IOException if the process has ended
   */
  String readLine() throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw failed();
    }
    return line;
  }

  /**
   * Verifies that the process runs.
   *
   * @throws IOException if the process has ended
   */
  void requireAlive() throws IOException {
    if (!process.isAlive()) {
      throw failed();
    }
  }

  private IOException failed() {
    return new IOException("a process of the benchmark has failed: " + process.info());
  }

  @Override
  public void close() throws IOException {
    input.close();
    process.onExit().completeOnTimeout(process, END_SECONDS, TimeUnit.SECONDS).join();
    process.destroyForcibly();
  }
}
