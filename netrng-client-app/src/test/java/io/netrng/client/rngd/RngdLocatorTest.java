// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netrng.startup.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RngdLocatorTest {

  private static final Duration LIMIT = Duration.ofSeconds(5);

  @TempDir Path first;
  @TempDir Path second;

  private RngdLocator named(String command) {
    return new RngdLocator(command, List.of(first, second), LIMIT);
  }

  @Nested
  class Search {

    @Test
    void searchesTheDirectoriesInOrderForAProgramName() {
      FakeRngd.write(second.resolve("rngd"), "exit 1");
      assertThat(named("rngd").locate().path()).isEqualTo(second.resolve("rngd"));
      FakeRngd.write(first.resolve("rngd"), "exit 1");
      assertThat(named("rngd").locate().path()).isEqualTo(first.resolve("rngd"));
    }

    @Test
    void usesAProgramPathWithoutASearch() {
      Path path = FakeRngd.write(second.resolve("another"), "exit 1");
      RngdProgram program = named(path.toString()).locate();
      assertThat(program.path()).isEqualTo(path);
      assertThat(program.family()).isEqualTo(RngdFamily.RNG_TOOLS_5);
      assertThat(program.command()).startsWith(path.toString(), "-f");
    }

    @Test
    void detectsTheFamilyFromHelpOnStandardErrorWithANonzeroExitCode() {
      FakeRngd.script(first.resolve("rngd"), "echo ' --feed-interval' >&2; exit 64");
      assertThat(named("rngd").locate().family()).isEqualTo(RngdFamily.RNG_TOOLS_DEBIAN);
    }

    @Test
    void probesEachSourceOfVersion6AndNeverItsVersionAlone() throws IOException {
      Path asked = second.resolve("asked");
      FakeRngd.script(
          first.resolve("rngd"),
          """
          echo "$@" >> %s
          [ "$1" = --help ] && { echo ' -x, --exclude=n'; exit 0; }
          case $2 in rdrand|jitter) echo "Disabling 2: A source ($2)" >&2;; esac
          exit 1
          """
              .formatted(asked));
      assertThat(named("rngd").locate().arguments())
          .containsSequence("-x", "rdrand", "-x", "jitter", "-o")
          .doesNotContain("tpm");
      assertThat(Files.readAllLines(asked)).contains("-x tpm --version").doesNotContain("-v");
    }
  }

  @Nested
  class Rejection {

    private void refused(RngdLocator locator, String problem) {
      assertThatExceptionOfType(StartupException.class)
          .isThrownBy(locator::locate)
          .withMessageContaining(problem)
          .satisfies(e -> assertThat(e.cure()).contains("netrng.client.rngd.command"));
    }

    @Test
    void rejectsAProgramNameThatIsNotFound() {
      refused(named("rngd"), "No program 'rngd' is found");
    }

    @Test
    void rejectsAFileThatIsNotExecutable() throws IOException {
      Files.writeString(first.resolve("rngd"), "#!/bin/sh\n");
      refused(named("rngd"), "is not executable");
    }

    @Test
    void rejectsAFileThatCannotBeRun() throws IOException {
      Path path = FakeRngd.script(first.resolve("rngd"), "");
      Files.writeString(path, "#!/nonexistent/interpreter\n");
      refused(named("rngd"), "cannot be run");
    }

    @Test
    void rejectsAProgramOfAnUnknownFamily() {
      FakeRngd.script(first.resolve("rngd"), "echo something else");
      refused(named("rngd"), "is no rngd of a family that NetRNG knows");
    }

    @Test
    void rejectsAVersion6ThatExcludesTheHardwareSourceForAnotherSourceName() {
      FakeRngd.script(
          first.resolve("rngd"),
          """
          [ "$1" = --help ] && { echo ' -x, --exclude=n'; exit 0; }
          echo "Disabling 0: Hardware RNG Device" >&2
          exit 1
          """);
      refused(named("rngd"), "cannot be told to feed our bytes alone");
    }

    @Test
    void reportsAProgramThatDoesNotAnswerAsATimeout() {
      FakeRngd.script(first.resolve("rngd"), "exec sleep 60");
      refused(
          new RngdLocator("rngd", List.of(first), Duration.ofMillis(200)),
          "did not answer '--help' in time");
    }

    @Test
    void sharesOneTimeBudgetBetweenAllProbes() {
      // given an rngd 6 without a supported source, which uses a third of the budget for each
      // response
      FakeRngd.script(first.resolve("rngd"), "exit 1");
      Duration budget = Duration.ofMillis(1_500);
      Duration needed = Duration.ofMillis(500);
      AtomicLong now = new AtomicLong(Long.MAX_VALUE);
      List<Duration> limits = new ArrayList<>();
      RngdLocator.Prober slow =
          (limit, _) -> {
            limits.add(limit);
            if (limit.compareTo(needed) < 0) {
              throw new TimeoutException();
            }
            now.addAndGet(needed.toNanos());
            return new Probe(" -x, --exclude=n");
          };

      // when
      refused(
          new RngdLocator("rngd", List.of(first), budget, slow, now::get),
          "--version' in time: all questions together may take 1500 ms");

      // then
      assertThat(limits).containsExactly(budget, Duration.ofSeconds(1), needed, Duration.ZERO);
    }
  }
}
