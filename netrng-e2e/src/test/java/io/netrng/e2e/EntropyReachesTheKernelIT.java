// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main path: this machine's device, the server, the client, an rngd, the kernel. */
class EntropyReachesTheKernelIT {

  private static final int BLOCK = 2_500;

  @Test
  void entropyFlowsFromTheDeviceIntoTheKernel(@TempDir Path dir)
      throws IOException, InterruptedException {
    // given
    try (AppProcess server =
            AppProcess.server("--netrng.server.source.devices=" + Machine.device());
        AppProcess client = AppProcess.client("--netrng.client.servers=" + server.address())) {

      // when
      ProcessHandle rngd = client.awaitRngd();
      client.awaitMetric("netrng_rngd_consumed_bytes_total", 4 * BLOCK);

      // then according to the kernel, rngd has read as much
      assertThat(Machine.bytesReadBy(rngd)).isGreaterThan(4 * BLOCK);
      // and the kernel accepts rngd's data
      Path calls = dir.resolve("calls");
      Process strace =
          new ProcessBuilder(
                  "strace",
                  "-f",
                  "-e",
                  "trace=ioctl",
                  "-o",
                  calls.toString(),
                  "-p",
                  "" + rngd.pid())
              .redirectErrorStream(true)
              .redirectOutput(dir.resolve("strace.log").toFile())
              .start();
      try {
        await("rngd adds entropy to the kernel")
            .atMost(AppProcess.PATIENCE)
            .untilAsserted(() ->
                assertThat(calls)
                    .content()
                    .containsPattern("ioctl\\(\\d+, RNDADDENTROPY, .*\\) += 0"));
      } finally {
        strace.destroy();
        strace.waitFor();
      }
      // and each stage counts at most the bytes of the stage before it
      double consumed = client.metric("netrng_rngd_consumed_bytes_total");
      double fed = client.metric("netrng_rngd_fed_bytes_total");
      double received = client.metric("netrng_received_bytes_total");
      double delivered = server.metric("netrng_delivered_bytes_total");
      double read = server.metric("netrng_source_read_bytes_total");
      assertThat(consumed).isLessThanOrEqualTo(client.metric("netrng_rngd_fed_bytes_total"));
      assertThat(fed).isLessThanOrEqualTo(client.metric("netrng_received_bytes_total"));
      assertThat(received).isLessThanOrEqualTo(server.metric("netrng_delivered_bytes_total"));
      assertThat(delivered)
          .isLessThanOrEqualTo(read + server.metric("netrng_source_read_bytes_total"));
    }
  }

  @Test
  void healthMetricsAndInfoReportTheDeviceTheStreamAndRngd() {
    // given
    try (AppProcess server =
            AppProcess.server("--netrng.server.source.devices=" + Machine.device());
        AppProcess client =
            AppProcess.client(
                "--netrng.client.servers=" + server.address(), "--netrng.client.name=pod-1")) {

      // when
      client.awaitHealth("/actuator/health/readiness", 200);

      // then
      assertThat(server.get("/actuator/health/readiness").statusCode()).isEqualTo(200);
      assertThat(server.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
      assertThat(client.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
      assertThat(server.get("/actuator/health").body())
          .contains("\"source\":{", "\"listener\":{", Machine.device());
      assertThat(client.get("/actuator/health").body()).contains("\"stream\":{", "\"rngd\":{");
      assertThat(server.get("/actuator/info").body())
          .contains("\"version\"", "\"commit\"", Machine.device());
      assertThat(server.get("/actuator/prometheus").body())
          .contains(
              "netrng_source_read_bytes_total{device=\"" + Machine.device() + "\"}",
              "netrng_source_rate_bytes_per_second{device=",
              "netrng_clients_connected 1.0",
              "netrng_client_delivered_bytes_total{client=\"pod-1\"}");
      assertThat(client.get("/actuator/prometheus").body())
          .contains(
              "netrng_received_bytes_total ",
              "netrng_rngd_fed_bytes_total ",
              "netrng_rngd_consumed_bytes_total ",
              "netrng_rngd_restarts_total 0.0",
              "netrng_rngd_up 1.0");
    }
  }

  @Test
  void bothAppsLogNoWarningsAndCreateNoPidFile() throws IOException {
    try (AppProcess server =
            AppProcess.server("--netrng.server.source.devices=" + Machine.device());
        AppProcess client = AppProcess.client("--netrng.client.servers=" + server.address())) {
      client.awaitMetric("netrng_rngd_consumed_bytes_total", BLOCK);
      assertThat(Machine.warnings(server.log())).isEmpty();
      assertThat(Machine.warnings(client.log())).isEmpty();
      assertThat(Files.exists(Path.of("/run/rngd.pid"))).isFalse();
    }
  }
}
