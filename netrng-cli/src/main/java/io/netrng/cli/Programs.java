// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Programs of the system that a command needs. */
final class Programs {

  private static final Path SYSTEMD = Path.of("/run/systemd/system");

  private Programs() {}

  /**
   * What a program did.
   *
   * @param exitCode its exit code
   * @param output what it printed, errors included
   */
  record Result(int exitCode, String output) {}

  /**
   * Runs a program to its end.
   *
   * @param directory the program's working directory
   * @throws CommandFailure if it cannot be run
   */
  static Result resultOf(List<String> command, Path directory) throws CommandFailure {
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      throw new CommandFailure(
          "%s cannot be run: %s".formatted(command.getFirst(), e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("Interrupted.", e);
    }
  }

  /**
   * Runs a program to its end.
   *
   * @throws CommandFailure with what it printed, if it fails
   */
  static void run(List<String> command) throws CommandFailure {
    Result result = resultOf(command, Path.of("."));
    if (result.exitCode != 0) {
      throw new CommandFailure(
          "%s failed: %s".formatted(String.join(" ", command), result.output.strip()));
    }
  }

  /** Makes a running server read its configuration now; otherwise it does so within about 5 s. */
  static void reloadServer() throws CommandFailure {
    if (Files.isDirectory(SYSTEMD) && isActive()) {
      run(List.of("systemctl", "reload", "netrng-server"));
    }
  }

  private static boolean isActive() {
    try {
      run(List.of("systemctl", "--quiet", "is-active", "netrng-server"));
      return true;
    } catch (CommandFailure e) {
      return false;
    }
  }

  /** Runs systemctl, and says whether there is a systemd at all. */
  static boolean systemctl(String... arguments) throws CommandFailure {
    if (!Files.isDirectory(SYSTEMD)) {
      return false;
    }
    run(Stream.concat(Stream.of("systemctl"), Stream.of(arguments)).toList());
    return true;
  }
}
