// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a program: its process, and the pipe from its standard output. One thread reads.
 * Another thread may end the run, and the read then fails.
 *
 * <p>The JVM would read the pipe into the heap when the process ends. The pipe is therefore opened
 * a second time, off the heap, and the JVM's end is closed before the program starts. Until then a
 * shell stands in for the program and waits for a line; it replaces itself by the program.
 *
 * <p>If the server is killed, its end of the pipe closes. The program then gets SIGPIPE at its next
 * write.
 */
final class ProgramRun {

  private static final Logger log = LoggerFactory.getLogger(ProgramRun.class);

  private static final List<String> WAIT_THEN_RUN =
      List.of("/bin/sh", "-c", "read -r line && exec \"$@\" </dev/null", "sh");

  private static final Duration GRACE = Duration.ofSeconds(2);

  /** Java reports the end by a signal as this number plus that of the signal. */
  private static final int SIGNALED = 128;

  private final Process process;
  private final FileChannel output;
  private boolean hasWritten;

  private ProgramRun(Process process, FileChannel output) {
    this.process = process;
    this.output = output;
  }

  /**
   * Starts a program, with the environment of this process and without input.
   *
   * @param command the program's absolute path and its arguments
   * @param messages receives its standard error
   */
  static ProgramRun start(List<String> command, ProgramMessages messages) throws IOException {
    List<String> all = new ArrayList<>(WAIT_THEN_RUN);
    all.addAll(command);
    Process process = new ProcessBuilder(all).start();
    try {
      FileChannel output =
          FileChannel.open(
              Path.of("/proc", Long.toString(process.pid()), "fd", "1"), StandardOpenOption.READ);
      ProgramRun run = new ProgramRun(process, output);
      process.getInputStream().close();
      messages.readFrom(process);
      try (OutputStream input = process.getOutputStream()) {
        input.write('\n');
      }
      return run;
    } catch (IOException e) {
      process.destroyForcibly();
      throw new IOException("did not start", e);
    }
  }

  /** Returns the bytes read, −1 at the end of the output. */
  long read(ByteBuffer[] buffers, int offset, int length) throws IOException {
    long bytes = output.read(buffers, offset, length);
    hasWritten |= bytes > 0;
    return bytes;
  }

  /**
   * Checks how the program ended, after the end of its output.
   *
   * @throws IOException if it wrote nothing, failed, or is still running
   */
  void requireSuccess() throws IOException {
    try {
      if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("closed its output and did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    }
    int status = process.exitValue();
    if (status > SIGNALED) {
      throw new IOException("was killed by signal %d".formatted(status - SIGNALED));
    }
    if (status != 0) {
      throw new IOException("exited with status %d".formatted(status));
    }
    if (!hasWritten) {
      throw new IOException("ended without a byte");
    }
  }

  /**
   * Closes the pipe, and ends the program and the processes that it has started: by SIGTERM, and
   * after 2 s by SIGKILL. Returns when they have ended. May be called again.
   */
  void end() {
    try {
      output.close();
    } catch (IOException e) {
      log.atDebug().addKeyValue("reason", e.getMessage()).log("the pipe cannot be closed");
    }
    if (process.isAlive()) {
      stop();
    }
  }

  private void stop() {
    ProcessHandle program = process.toHandle();
    List<ProcessHandle> all = Stream.concat(Stream.of(program), program.descendants()).toList();
    CountDownLatch running = new CountDownLatch(all.size());
    for (ProcessHandle each : all) {
      var _ = each.onExit().thenRun(running::countDown);
      each.destroy();
    }
    if (!awaitUninterruptibly(running)) {
      all.forEach(ProcessHandle::destroyForcibly);
      var _ = awaitUninterruptibly(running);
    }
  }

  /**
   * A stop of the server interrupts the reader, which must nevertheless leave no process behind.
   */
  private static boolean awaitUninterruptibly(CountDownLatch running) {
    long deadline = System.nanoTime() + GRACE.toNanos();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return running.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
