// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The client's supervision of rngd, when rngd or the pipe to it fails. */
@Isolated("a restart has a time limit")
class SupervisionIT {

  private static final Path RNGD = Path.of("/usr/sbin/rngd");
  private static final int BLOCK = 2_500;

  private static AppProcess server() {
    return AppProcess.server("--netrng.server.source.devices=/dev/urandom");
  }

  @Nested
  class OnceRunning {

    @Test
    void aKilledRngdIsRestartedWithinTwoSecondsAndTheSessionContinues() {
      try (AppProcess server = server();
          AppProcess client = AppProcess.client("--netrng.client.servers=" + server.address())) {
        // given
        client.awaitMetric("netrng_rngd_consumed_bytes_total", BLOCK);
        ProcessHandle first = client.awaitRngd();

        // when
        first.destroyForcibly();

        // then
        await("another rngd runs")
            .atMost(Duration.ofSeconds(2))
            .pollInterval(Duration.ofMillis(50))
            .until(() ->
                client.handle().children().anyMatch(p -> p.isAlive() && p.pid() != first.pid()));
        double before = client.metric("netrng_rngd_consumed_bytes_total");
        client.awaitMetric("netrng_rngd_consumed_bytes_total", before + 2 * BLOCK);
        client.awaitHealth("/actuator/health/readiness", 200);
        assertThat(client.metric("netrng_rngd_restarts_total")).isEqualTo(1);
        assertThat(server.metric("netrng_clients_connected")).isEqualTo(1);
        assertThat(client.log()).containsOnlyOnce("admitted by server");
      }
    }

    @Test
    void anRngdThatStopsConsumingIsReplacedAndDemandEnds() throws Exception {
      try (AppProcess server = server();
          AppProcess client = AppProcess.client("--netrng.client.servers=" + server.address())) {
        // given
        client.awaitMetric("netrng_rngd_consumed_bytes_total", BLOCK);
        ProcessHandle first = client.awaitRngd();

        // when
        Machine.signal("STOP", first);

        // then
        await("the stopped rngd exits").atMost(AppProcess.PATIENCE).until(() -> !first.isAlive());
        // and the client ended its demand at the same time, because its pipe would hold four times
        // as much
        assertThat(client.log())
            .containsPattern("took nothing for 10 s of (\\d{4}|1[0-6]\\d{3}) bytes fed");
        double before = client.metric("netrng_rngd_consumed_bytes_total");
        client.awaitMetric("netrng_rngd_consumed_bytes_total", before + 2 * BLOCK);
        assertThat(client.metric("netrng_rngd_restarts_total")).isEqualTo(1);
      }
    }

    @Test
    void healthReportsARemovedRngdProgramAsDownUntilItIsRestored(@TempDir Path dir)
        throws Exception {
      Path copy = Files.copy(RNGD, dir.resolve("rngd"));
      Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
      try (AppProcess server = server();
          AppProcess client =
              AppProcess.client(
                  "--netrng.client.servers=" + server.address(),
                  "--netrng.client.rngd.command=" + copy)) {
        // given
        client.awaitMetric("netrng_rngd_consumed_bytes_total", BLOCK);

        // when
        Path away = Files.move(copy, dir.resolve("away"));
        client.awaitRngd().destroyForcibly();

        // then
        client.awaitHealth("/actuator/health/readiness", 503);
        await("health names the program")
            .atMost(AppProcess.PATIENCE)
            .until(() -> client.get("/actuator/health").body().contains(copy.toString()));
        assertThat(client.metric("netrng_rngd_up")).isZero();

        // and when
        Files.move(away, copy, StandardCopyOption.REPLACE_EXISTING);

        // then
        client.awaitHealth("/actuator/health/readiness", 200);
      }
    }

    @Test
    void theRngdOfRngToolsDebianFeedsTheKernel(@TempDir Path dir) throws Exception {
      // given rng-tools-debian, which cannot be installed beside rng-tools5
      Machine.run(
          List.of("sh", "-c", "cd '%s' && apt-get download rng-tools-debian".formatted(dir)));
      Machine.run(List.of("sh", "-c", "cd '%s' && dpkg-deb -x *.deb .".formatted(dir)));
      Path rngd = dir.resolve("usr/sbin/rngd");
      try (AppProcess server = server();
          AppProcess client =
              AppProcess.client(
                  "--netrng.client.servers=" + server.address(),
                  "--netrng.client.rngd.command=" + rngd)) {
        // when, then: rngd 2.x logs that the kernel accepts its blocks
        client.awaitLog("entropy feed to the kernel ready");
        client.awaitMetric("netrng_rngd_consumed_bytes_total", 2 * BLOCK);
      }
    }
  }

  @Nested
  class AtStart {

    @Test
    void aMissingRngdStopsTheStartWithAnErrorThatNamesThePackage() throws InterruptedException {
      try (AppProcess client =
          AppProcess.start(List.of(), "client", "--netrng.client.rngd.command=/nowhere/rngd")) {
        assertThat(client.exitCode()).isNotZero();
        assertThat(client.log())
            .contains("netrng.client.rngd.command", "/nowhere/rngd", "rng-tools5")
            .doesNotContain("\tat ");
      }
    }

    @Test
    void aProgramOtherThanRngdStopsTheStartWithAnError() throws InterruptedException {
      try (AppProcess client =
          AppProcess.start(List.of(), "client", "--netrng.client.rngd.command=/bin/true")) {
        assertThat(client.exitCode()).isNotZero();
        assertThat(client.log()).contains("/bin/true").doesNotContain("\tat ");
      }
    }

    @Test
    void aMissingCapSysAdminStopsTheStartWithAnErrorThatNamesIt() throws InterruptedException {
      List<String> setpriv =
          List.of("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin");
      try (AppProcess client = AppProcess.start(setpriv, "client")) {
        assertThat(client.exitCode()).isNotZero();
        assertThat(client.log()).contains("CAP_SYS_ADMIN").doesNotContain("\tat ");
      }
    }
  }

  @Test
  void aStoppedClientStopsRngdAndEndsItsSession() {
    try (AppProcess server = server();
        AppProcess client = AppProcess.client("--netrng.client.servers=" + server.address())) {
      client.awaitMetric("netrng_rngd_consumed_bytes_total", BLOCK);
      ProcessHandle rngd = client.awaitRngd();

      client.stop();

      assertThat(rngd.isAlive()).isFalse();
      await("the session ends")
          .atMost(AppProcess.PATIENCE)
          .until(() -> server.metric("netrng_clients_connected") == 0);
      assertThat(server.log()).contains("reason=\"bye\"");
    }
  }

  @Test
  void rngdAndTheSessionEndWhenTheClientIsKilled() throws IOException {
    try (AppProcess server = server();
        AppProcess client = AppProcess.client("--netrng.client.servers=" + server.address())) {
      client.awaitMetric("netrng_rngd_consumed_bytes_total", BLOCK);
      ProcessHandle rngd = client.awaitRngd();

      client.kill();

      await("rngd exits at the end of its input")
          .atMost(AppProcess.PATIENCE)
          .until(() -> !rngd.isAlive());
      await("the session ends")
          .atMost(AppProcess.PATIENCE)
          .until(() -> server.metric("netrng_clients_connected") == 0);
    }
  }
}
