// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script of {@code make demo}. */
class DemoIT {

  /** A background build ignores SIGINT, and bash cannot trap an ignored signal. */
  private static final List<String> WITH_INTERRUPT = List.of("env", "--default-signal=INT");

  @TempDir private Path dir;

  @Test
  void theDemoShowsConsumedEntropyAndStopsAllItsProcesses() throws Exception {
    showsConsumedEntropyAndStopsAllItsProcesses(
        List.of("../scripts/demo"), System.getProperty("java.home"));
  }

  /** Debian 13's bash 5.2.37 cannot parse a command substitution that a trap interrupts. */
  @Test
  void theDemoOnDebian13DoesTheSame() throws Exception {
    Chroot debian =
        new Chroot(DebianMachine.root("demo", "trixie"))
            .withReadOnly(Path.of(".."), "/src")
            .withReadOnly(Path.of(System.getProperty("java.home")), "/jdk");
    showsConsumedEntropyAndStopsAllItsProcesses(debian.command("/src/scripts/demo"), "/jdk");
  }

  private void showsConsumedEntropyAndStopsAllItsProcesses(List<String> command, String java)
      throws IOException, InterruptedException {
    // given
    Path output = dir.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(Stream.concat(WITH_INTERRUPT.stream(), command.stream()).toList())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("JAVA_HOME", java);
    builder.environment().put("DEMO_INTERVAL", "1");
    Process demo = builder.start();
    try {
      // when
      await("rngd takes a block")
          .atMost(AppProcess.PATIENCE)
          .failFast(
              "the demo exited",
              () -> assertThat(demo.isAlive()).as(Files.readString(output)).isTrue())
          .untilAsserted(
              () -> assertThat(output).content().containsPattern("[1-9][0-9,]{3,} taken by rngd"));
      // and while it fetches metrics
      await("curl runs")
          .atMost(AppProcess.PATIENCE)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> demo.descendants().anyMatch(DemoIT::isCurl));
      List<ProcessHandle> all = demo.descendants().toList();
      Machine.signal("INT", demo.toHandle());

      // then
      assertThat(demo.onExit()).succeedsWithin(AppProcess.PATIENCE);
      assertThat(demo.exitValue()).isZero();
      assertThat(all).hasSizeGreaterThanOrEqualTo(3);
      await("all its processes exit").until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
    } finally {
      demo.destroy();
    }
  }

  private static boolean isCurl(ProcessHandle process) {
    return process.info().command().filter(command -> command.endsWith("/curl")).isPresent();
  }
}
