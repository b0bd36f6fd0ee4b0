// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A generator with a serial interface. The server is a session leader, as under systemd, so that it
 * would acquire a terminal that it opens carelessly: the byte 0x03 would then end it, 0x1c would
 * print its threads, and unplugging would reload it.
 */
class SerialLineIT {

  private static final int BLOCK = 2_500;
  private static final String FED = "netrng_kernel_fed_bytes_total";
  private static final String HEALTHY = "device passed its start-up test";

  /** Fields of /proc/PID/stat after the name of the program (proc_pid_stat(5)). */
  private static final int SESSION = 3;

  private static final int TTY_NR = 4;

  /** A client that always has demand: a full rngd takes bytes only once a minute. */
  private static AppProcess client(AppProcess server) {
    return AppProcess.client(
        "--netrng.client.servers=" + server.address(),
        "--netrng.client.sink=kernel",
        "--netrng.client.max-rate=64KB/s");
  }

  @Test
  void aSerialLineFeedsTheKernelAndRecoversAfterItWasUnplugged(@TempDir Path dir) throws Exception {
    Path name = dir.resolve("ttyACM0");
    try (SerialStick first = SerialStick.plugIn(name);
        AppProcess server =
            AppProcess.start(
                List.of("setsid"),
                "server",
                "--netrng.server.source.devices=" + name,
                "--netrng.server.port=0")) {
      // given
      server.awaitReady();
      try (AppProcess client = client(server)) {

        // when
        client.awaitMetric(FED, 4 * BLOCK);

        // then
        assertThat(stat(server, SESSION)).isEqualTo(server.pid());
        assertThat(stat(server, TTY_NR)).as("the controlling terminal").isZero();

        // when
        first.unplug();

        // then
        server.awaitLog("reason=\"was unplugged\"");
        assertThat(server.handle().isAlive()).isTrue();

        // when
        try (SerialStick _ = SerialStick.plugIn(name)) {
          await("the line is read again")
              .atMost(AppProcess.PATIENCE)
              .until(() -> server.log().split(HEALTHY, -1).length == 3);
          client.awaitMetric(FED, client.metric(FED) + 4 * BLOCK);

          // then
          assertThat(stat(server, TTY_NR)).as("the controlling terminal").isZero();
          assertThat(server.log())
              .doesNotContain("SIGHUP", "Full thread dump", "health test failed");
        }
      }
    }
  }

  private static long stat(AppProcess app, int field) throws IOException {
    String stat = Files.readString(Path.of("/proc", "" + app.pid(), "stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[field]);
  }
}
