// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;

/** The client when its server exits or restarts, and with several servers. */
class ServersComeAndGoIT {

  private static final int BLOCK = 2_500;

  @Test
  void theClientReconnectsToARestartedServerWithoutRestartingRngd() {
    // given
    AppProcess first = AppProcess.server("--netrng.server.source.devices=/dev/urandom");
    int port = first.streamPort();
    try (AppProcess client = AppProcess.client("--netrng.client.servers=127.0.0.1:" + port)) {
      client.awaitMetric("netrng_rngd_consumed_bytes_total", BLOCK);
      ProcessHandle rngd = client.awaitRngd();

      // when
      first.kill();

      // then
      await("the client detects the disconnection")
          .atMost(AppProcess.PATIENCE)
          .until(() -> client.get("/actuator/health").body().contains("\"status\":\"DOWN\""));
      double before = client.metric("netrng_rngd_consumed_bytes_total");
      try (AppProcess second =
          AppProcess.server(port, "--netrng.server.source.devices=/dev/urandom")) {
        client.awaitMetric("netrng_rngd_consumed_bytes_total", before + 2 * BLOCK);
        assertThat(second.metric("netrng_clients_connected")).isEqualTo(1);
        assertThat(client.awaitRngd().pid()).isEqualTo(rngd.pid());
        assertThat(client.metric("netrng_rngd_restarts_total")).isZero();
      }
    }
  }

  @Test
  void theClientConnectsToTheNextServerWhenItsServerShutsDown() {
    try (AppProcess first = AppProcess.server("--netrng.server.source.devices=/dev/urandom");
        AppProcess second = AppProcess.server("--netrng.server.source.devices=/dev/urandom");
        AppProcess client =
            AppProcess.client(
                "--netrng.client.servers=" + first.address() + "," + second.address())) {
      // given
      client.awaitMetric("netrng_rngd_consumed_bytes_total", BLOCK);
      assertThat(second.metric("netrng_clients_connected")).isZero();

      // when
      first.stop();

      // then
      second.awaitMetric("netrng_clients_connected", 1);
      second.awaitMetric("netrng_delivered_bytes_total", 2 * BLOCK);
      assertThat(client.log()).contains("shutdown");
    }
  }

  @Test
  void aClientRefusedByAFullServerConnectsToTheNextServer() {
    try (AppProcess full =
            AppProcess.server(
                "--netrng.server.source.devices=/dev/urandom", "--netrng.server.max-clients=1");
        AppProcess other = AppProcess.server("--netrng.server.source.devices=/dev/urandom");
        AppProcess first = AppProcess.client("--netrng.client.servers=" + full.address())) {
      full.awaitMetric("netrng_clients_connected", 1);
      try (AppProcess second =
          AppProcess.client("--netrng.client.servers=" + full.address() + "," + other.address())) {
        other.awaitMetric("netrng_clients_connected", 1);
        assertThat(second.log()).contains("max-clients");
        assertThat(full.metric("netrng_clients_refused_total")).isEqualTo(1);
        assertThat(first.handle().isAlive()).isTrue();
      }
    }
  }
}
