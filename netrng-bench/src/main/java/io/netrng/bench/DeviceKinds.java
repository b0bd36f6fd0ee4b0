// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.util.FileSystemUtils;

/**
 * Measures the rate at which one client draws from an EGD server, a TPM emulator and programs. It
 * compares each with the shortest loop that reads the same peer.
 */
final class DeviceKinds {

  private static final int RUNS = 5;
  private static final int WARM_UP_SECONDS = 4;
  private static final int MEASURED_SECONDS = 3;
  private static final String STREAM = "cat /dev/urandom";
  private static final String BLOCK = "head -c 65536 /dev/urandom";

  private DeviceKinds() {}

  /** Measures without the server. */
  private interface Plain {
    double rate() throws IOException, InterruptedException;
  }

  static List<Row> rows() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("netrng-bench");
    Path egd = directory.resolve("egd");
    List<Row> rows = new ArrayList<>();
    try (Worker responder = Worker.start(EgdResponder.class, egd)) {
      responder.readLine();
      rows.add(row("an EGD server", "egd:" + egd, () -> plain("egd", egd), 0.8));
    }
    // A TPM serves one connection at a time.
    Path tpm = directory.resolve("1");
    Path other = directory.resolve("2");
    Process first = tpm(tpm);
    Process second = tpm(other);
    try {
      rows.add(row("a TPM", "tpm:" + tpm, () -> plain("tpm", other), 0.8));
    } finally {
      first.destroy();
      second.destroy();
    }
    rows.add(row("a program", "exec:" + STREAM, () -> program(STREAM), 0.25));
    rows.add(
        row(
            "a program for each 64 KiB",
            "exec:" + BLOCK,
            () -> program("while %s; do :; done".formatted(BLOCK)),
            0.25));
    FileSystemUtils.deleteRecursively(directory);
    return rows;
  }

  private static Row row(String name, String device, Plain plain, double goal)
      throws IOException, InterruptedException {
    List<Double> rates = new ArrayList<>();
    List<Double> plainRates = new ArrayList<>();
    try (RunningApp server = RunningApp.server("netrng.server.source.devices=" + device)) {
      for (int i = 0; i < RUNS; i++) {
        rates.add(
            Command.figure(
                LoadClient.class, server.streamPort(), 1, WARM_UP_SECONDS, MEASURED_SECONDS));
        plainRates.add(plain.rate());
      }
    }
    return Row.beside(
        "1 client of " + name, "B/s", rates, "the shortest loop", plainRates, Goal.atLeast(goal));
  }

  private static double plain(String kind, Path socket) throws IOException, InterruptedException {
    return Command.figure(PlainReader.class, kind, socket, WARM_UP_SECONDS, MEASURED_SECONDS);
  }

  /** Returns the rate of a script through cat. */
  private static double program(String script) throws IOException, InterruptedException {
    String counted =
        "timeout %d sh -c '%s' 2>/dev/null | cat | wc -c".formatted(MEASURED_SECONDS, script);
    return Double.parseDouble(Command.run(List.of("sh", "-c", counted)).strip()) / MEASURED_SECONDS;
  }

  private static Process tpm(Path socket) throws IOException, InterruptedException {
    Path state = Files.createDirectory(Path.of(socket + ".state"));
    Process process =
        new ProcessBuilder(
                "swtpm",
                "socket",
                "--tpm2",
                "--tpmstate",
                "dir=" + state,
                "--server",
                "type=unixio,path=" + socket,
                "--ctrl",
                "type=unixio,path=%s.control".formatted(socket),
                "--flags",
                "not-need-init,startup-clear")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    while (!Files.exists(socket) && process.isAlive()) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return process;
  }
}
