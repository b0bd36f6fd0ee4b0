package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a newcomer sees first. */
class DemoIT {

  @Test
  void theDemoShowsConsumedEntropyAndStopsAllItsProcesses(@TempDir Path dir)
      throws IOException, InterruptedException {
    // given
    Path output = dir.resolve("output");
    // Where the build runs in the background, SIGINT is ignored, and bash cannot trap it then.
    ProcessBuilder builder =
        new ProcessBuilder("env", "--default-signal=INT", "../scripts/demo")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("DEMO_INTERVAL", "1");
    Process demo = builder.start();
    try {
      // when
      await("rngd has taken a block")
          .atMost(AppProcess.PATIENCE)
          .failFast(
              "it ended", () -> assertThat(demo.isAlive()).as(Files.readString(output)).isTrue())
          .untilAsserted(
              () -> assertThat(output).content().containsPattern("[1-9][0-9,]{3,} taken by rngd"));
      // and it fetches metrics
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
      await("all its processes end").until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
    } finally {
      demo.destroy();
    }
  }

  private static boolean isCurl(ProcessHandle process) {
    return process.info().command().filter(command -> command.endsWith("/curl")).isPresent();
  }
}
