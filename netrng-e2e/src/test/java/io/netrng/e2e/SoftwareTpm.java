// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A TPM 2.0: swtpm, behind a unix socket, or behind a pair of ttys as a character device. */
final class SoftwareTpm implements AutoCloseable {

  private final Path path;
  private final List<Process> processes = new ArrayList<>();
  private Closeable holder = () -> {};

  private SoftwareTpm(Path path) {
    this.path = path;
  }

  /** Starts a TPM whose socket is {@code tpm} in this directory. */
  static SoftwareTpm socket(Path directory) throws IOException {
    SoftwareTpm tpm = new SoftwareTpm(directory.resolve("tpm"));
    tpm.start(
        directory,
        "swtpm",
        "socket",
        "--tpm2",
        "--tpmstate",
        "dir=" + Files.createDirectory(directory.resolve("state")),
        "--server",
        "type=unixio,path=" + tpm.path,
        "--ctrl",
        "type=unixio,path=" + directory.resolve("control"),
        "--flags",
        "not-need-init,startup-clear");
    return tpm;
  }

  /** Starts a TPM whose device is {@code tpm0} in this directory. */
  static SoftwareTpm device(Path directory) throws IOException {
    SoftwareTpm tpm = new SoftwareTpm(directory.resolve("tpm0"));
    Path other = directory.resolve("other");
    tpm.start(
        directory, "socat", "PTY,link=" + tpm.path + ",rawer", "PTY,link=" + other + ",rawer");
    // The pair ends when nobody has one of its ttys open.
    tpm.holder = new RandomAccessFile(tpm.path.toFile(), "rw");
    tpm.processes.add(
        new ProcessBuilder(
                "swtpm",
                "chardev",
                "--tpm2",
                "--tpmstate",
                "dir=" + Files.createDirectory(directory.resolve("state0")),
                "-c",
                other.toString(),
                "--flags",
                "not-need-init,startup-clear")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("tpm0.log").toFile())
            .start());
    return tpm;
  }

  private void start(Path directory, String... command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(path.getFileName() + ".log").toFile())
            .start();
    processes.add(process);
    Machine.awaitFile(path, process);
  }

  Path path() {
    return path;
  }

  /** Kills the emulator. */
  void kill() {
    Machine.kill(processes);
  }

  @Override
  public void close() throws IOException {
    holder.close();
    kill();
  }
}
