// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** For an operator's mistake, each app prints one sentence instead of a stack trace. */
class MistakesAtStartIT {

  @Test
  void aMissingDeviceStopsTheStartWithAnError() throws InterruptedException {
    assertThat(endOf("server", "--netrng.server.source.devices=/dev/nothing"))
        .contains("netrng.server.source.devices = /dev/nothing cannot be read: does not exist");
  }

  @Test
  void aDeviceWithoutReadPermissionStopsTheStartWithTheFix(@TempDir Path dir) throws Exception {
    // given a device of another user
    Path device = Files.writeString(dir.resolve("device"), "");
    Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("rw-------"));
    Machine.run(List.of("chown", "65534", device.toString()));

    // when root has no privileges beyond those of other users
    String log =
        endOf(
            List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"),
            "server",
            "--netrng.server.source.devices=" + device);

    // then
    assertThat(log)
        .contains(
            "netrng.server.source.devices = %s cannot be read: permission denied."
                .formatted(device),
            "Add the server's user to the group of " + device,
            "rule of udev");
  }

  @Test
  void aSampleSizeOutOfRangeStopsTheStartWithAnError() throws InterruptedException {
    assertThat(endOf("server", "--netrng.server.sample-size=1MB"))
        .contains("netrng.server.sample-size = 1048576B is not possible", "16B to 64KB");
  }

  @Test
  void aRateWithoutAUnitStopsTheStartWithAnError() throws InterruptedException {
    assertThat(endOf("server", "--netrng.server.default-guarantee=64"))
        .contains("netrng.server.default-guarantee = 64 is not possible", "64B/s");
  }

  @Test
  void aPortInUseStopsTheStartWithAnError() throws InterruptedException {
    try (AppProcess first = AppProcess.server("--netrng.server.source.devices=/dev/urandom")) {
      int port = first.streamPort();
      assertThat(
              endOf(
                  "server",
                  "--netrng.server.source.devices=/dev/urandom",
                  "--netrng.server.port=" + port))
          .contains("netrng.server.port = " + port + " cannot be listened on");
    }
  }

  @Test
  void aServerAddressWithoutAPortStopsTheClientsStartWithAnError() throws InterruptedException {
    assertThat(endOf("client", "--netrng.client.servers=localhost"))
        .contains("netrng.client.servers", "localhost");
  }

  @Test
  void plaintextBeyondLoopbackStopsTheStartWithAnError() throws InterruptedException {
    assertThat(
            endOf(
                "server",
                "--netrng.server.source.devices=/dev/urandom",
                "--netrng.server.bind-address=0.0.0.0"))
        .contains(
            "netrng.server.bind-address = 0.0.0.0 would serve entropy in plain TCP",
            "netrng.server.allow-plaintext=true");
    assertThat(endOf("client", "--netrng.client.servers=192.0.2.1:8989"))
        .contains(
            "netrng.client.servers = 192.0.2.1:8989 is not possible",
            "netrng.client.allow-plaintext=true");
  }

  @Test
  void anUnknownPropertyLogsAWarningThatNamesTheClosestMatch() {
    try (AppProcess server =
        AppProcess.server(
            "--netrng.server.source.devices=/dev/urandom", "--netrng.server.sampel-size=2KB")) {
      server.awaitLog("nearest=\"netrng.server.sample-size\"");
      assertThat(server.log().lines().filter(line -> line.contains("WARN"))).hasSize(1);
      assertThat(server.log()).doesNotContain("No active profile");
    }
  }

  private static String endOf(String app, String... properties) throws InterruptedException {
    return endOf(List.of(), app, properties);
  }

  private static String endOf(List<String> prefix, String app, String... properties)
      throws InterruptedException {
    try (AppProcess process = AppProcess.start(prefix, app, properties)) {
      assertThat(process.exitCode()).isNotZero();
      assertThat(process.log()).doesNotContain("\tat ");
      return process.log();
    }
  }
}
