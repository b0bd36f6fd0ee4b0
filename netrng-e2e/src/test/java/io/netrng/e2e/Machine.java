// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** This machine: its noise source and its programs. */
final class Machine {

  private static final long TRY_SECONDS = 10;

  private Machine() {}

  /**
   * Returns the hardware generator, or /dev/random on a machine without one. Both take the same
   * path through NetRNG.
   */
  static String device() {
    String device = "/dev/hwrng";
    try {
      Process head =
          new ProcessBuilder("head", "-c", "16", device)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      boolean gives = head.waitFor(TRY_SECONDS, TimeUnit.SECONDS) && head.exitValue() == 0;
      head.destroyForcibly();
      return gives ? device : "/dev/random";
    } catch (IOException e) {
      return "/dev/random";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * Returns the warnings and errors of a log, except that a virtual machine's generator is the
   * hypervisor's.
   */
  static List<String> warnings(String log) {
    return log.lines()
        .filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
        .filter(line -> !line.contains("warning=\"virtio-rng\""))
        .toList();
  }

  /** Returns a port of TCP that no program uses. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Sends a signal to one process. */
  static void signal(String name, ProcessHandle process) throws IOException, InterruptedException {
    run(List.of("sh", "-c", "kill -%s %d".formatted(name, process.pid())));
  }

  /** Writes a program that only this user can run, and returns its file. */
  static Path script(Path file, String content) throws IOException {
    FileAttribute<?> mode =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    return Files.writeString(Files.createFile(file, mode), content);
  }

  /** Runs a program, which must succeed, and returns its output. */
  static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(command + " failed: " + output);
    }
    return output;
  }

  /**
   * Returns the number of bytes that a process has read since its start, as counted by the kernel.
   */
  static long bytesReadBy(ProcessHandle process) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "io")).stream()
        .filter(line -> line.startsWith("rchar: "))
        .mapToLong(line -> Long.parseLong(line.substring("rchar: ".length())))
        .findFirst()
        .orElseThrow();
  }

  /** Waits until a process has made a file. */
  static void awaitFile(Path file, Process process) {
    await(process.info().command().orElse("a process") + " makes " + file)
        .atMost(AppProcess.PATIENCE)
        .failFast("it ended", () -> !process.isAlive())
        .until(() -> Files.exists(file));
  }

  /** Kills processes that a test has started. */
  static void kill(List<Process> processes) {
    processes.forEach(Process::destroyForcibly);
    await("processes end")
        .atMost(AppProcess.PATIENCE)
        .until(() -> processes.stream().noneMatch(Process::isAlive));
  }
}
