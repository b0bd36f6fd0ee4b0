// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import io.netrng.startup.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Finds {@code rngd} and determines its family. It searches again before each start, because
 * packages may be installed, upgraded or removed while the client runs.
 */
final class RngdLocator {

  /** Directories of system programs that may be missing from the PATH of a service. */
  static final List<Path> USUAL_DIRECTORIES =
      Stream.of("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin")
          .map(Path::of)
          .toList();

  /**
   * The timeout of all probes together, because the service manager monitors the calling thread.
   */
  private static final Duration PROBE_BUDGET = Duration.ofSeconds(5);

  private static final String INSTALL =
      "Install one (Debian and Ubuntu: apt-get install rng-tools5; Fedora, RHEL, Alpine, Arch:"
          + " the package rng-tools) or name it in netrng.client.rngd.command.";

  private final String command;
  private final List<Path> directories;
  private final Duration probeBudget;
  private final Prober prober;
  private final LongSupplier nanoTime;

  /** Runs one probe of a program. */
  @FunctionalInterface
  interface Prober {

    /** Returns the output, or throws after the limit. */
    Probe ask(Duration limit, List<String> command)
        throws IOException, InterruptedException, TimeoutException;
  }

  RngdLocator(String command) {
    this(command, searchPath(), PROBE_BUDGET);
  }

  RngdLocator(String command, List<Path> directories, Duration probeBudget) {
    this(command, directories, probeBudget, Probe::ask, System::nanoTime);
  }

  RngdLocator(
      String command,
      List<Path> directories,
      Duration probeBudget,
      Prober prober,
      LongSupplier nanoTime) {
    this.command = command;
    this.directories = directories;
    this.probeBudget = probeBudget;
    this.prober = prober;
    this.nanoTime = nanoTime;
  }

  private static List<Path> searchPath() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.concat(
            Stream.of(path.split(":")).filter(p -> p.startsWith("/")).map(Path::of),
            USUAL_DIRECTORIES.stream())
        .toList();
  }

  /**
   * Finds the program.
   *
   * @throws StartupException if no usable program exists
   */
  RngdProgram locate() {
    Path path = find();
    Questions questions = new Questions(path, nanoTime.getAsLong() + probeBudget.toNanos());
    RngdFamily family =
        RngdFamily.ofHelp(questions.ask("--help"))
            .orElseThrow(() ->
                new StartupException(
                    path + " is no rngd of a family that NetRNG knows how to drive.", INSTALL));
    List<String> arguments = family.arguments(questions::isKnownSource);
    if (family == RngdFamily.RNG_TOOLS_6 && !arguments.contains("-x")) {
      throw new StartupException(
          path + " is of version 6.0 to 6.4 and cannot be told to feed our bytes alone.", INSTALL);
    }
    return new RngdProgram(path, family, arguments);
  }

  private Path find() {
    List<Path> candidates =
        command.contains("/")
            ? List.of(Path.of(command).toAbsolutePath())
            : directories.stream().map(directory -> directory.resolve(command)).toList();
    List<Path> files = candidates.stream().filter(Files::isRegularFile).toList();
    return files.stream()
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            files.isEmpty()
                ? new StartupException("No program '" + command + "' is found.", INSTALL)
                : new StartupException(
                    files.getFirst() + " is not executable.",
                    "Make it executable or name another in netrng.client.rngd.command."));
  }

  /** Probes one program, with one deadline in nanoseconds for all probes together. */
  private final class Questions {

    private final Path path;
    private final long deadline;

    Questions(Path path, long deadline) {
      this.path = path;
      this.deadline = deadline;
    }

    /**
     * Does not use -v, because versions up to 5 start a daemon then. The exit code is that of
     * --version, which is 1 up to 6.15. Versions up to 6.4 parse a name as the number 0, which is
     * the client's own source.
     */
    boolean isKnownSource(String source) {
      return ask("-x", source, "--version").contains("(" + source + ")");
    }

    String ask(String... arguments) {
      String question = String.join(" ", arguments);
      List<String> command =
          Stream.concat(Stream.of(path.toString()), Stream.of(arguments)).toList();
      try {
        return prober.ask(Duration.ofNanos(deadline - nanoTime.getAsLong()), command).output();
      } catch (TimeoutException e) {
        throw new StartupException(
            "%s did not answer '%s' in time: all questions together may take %d ms."
                .formatted(path, question, probeBudget.toMillis()),
            INSTALL);
      } catch (IOException e) {
        throw new StartupException(path + " cannot be run: " + e.getMessage() + ".", INSTALL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StartupException("Interrupted while " + path + " was probed.", "Start again.");
      }
    }
  }
}
