// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.bench.UnauthenticatedClients;
import io.netrng.testkit.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with guarantees to fulfil, under connections of unauthenticated clients. */
class UnauthenticatedClientsIT {

  private static final int UNAUTHENTICATED = 5_000;
  private static final int GUARANTEED = 5;
  private static final int GUARANTEE = 8_000;

  @Test
  void unauthenticatedClientsNeitherReduceGuaranteesNorPreventAdmission(@TempDir Path directory)
      throws Exception {
    List<GreedyClient> drawers = new ArrayList<>();
    try (SlowFifo fifo = new SlowFifo(directory.resolve("fifo"));
        AppProcess server =
            AppProcess.server(
                "--netrng.server.source.devices=" + fifo.path(),
                "--netrng.server.sample-size=512B",
                "--netrng.server.capacity=64KB/s",
                "--netrng.server.default-guarantee=0B/s",
                "--netrng.server.clients[0].name=guaranteed-*",
                "--netrng.server.clients[0].guarantee=" + GUARANTEE + "B/s")) {
      // given clients with guarantees for two thirds of the capacity, and as many greedy clients
      for (int i = 0; i < GUARANTEED; i++) {
        drawers.add(new GreedyClient(server.streamPort(), "guaranteed-" + i));
      }
      for (int i = 0; i < GUARANTEED; i++) {
        drawers.add(new GreedyClient(server.streamPort(), "greedy-" + i));
      }
      List<GreedyClient> guaranteed = drawers.subList(0, GUARANTEED);
      await("all guaranteed clients receive entropy")
          .atMost(AppProcess.PATIENCE)
          .until(() -> guaranteed.stream().allMatch(drawer -> drawer.bytes() > GUARANTEE));

      // when unauthenticated clients connect, and reconnect when they are closed
      long begun = System.nanoTime();
      List<Long> before = guaranteed.stream().map(GreedyClient::bytes).toList();
      try (UnauthenticatedClients clients =
          new UnauthenticatedClients(server.streamPort(), UNAUTHENTICATED)) {
        clients.awaitAll();
        server.awaitMetric("netrng_connections_pending", 0.9 * UNAUTHENTICATED);
        server.awaitMetric("netrng_hellos_timed_out_total", 2 * UNAUTHENTICATED);

        // then the server admits and serves a client that sends a HELLO
        try (RawClient honest = new RawClient(server.streamPort())) {
          honest.join("honest");
          honest.request(1);
          assertThat(honest.sample().entropy().remaining()).isEqualTo(512);
        }
        server.awaitMetric("netrng_hellos_timed_out_total", 3 * UNAUTHENTICATED);
      }

      // and the clients from before have received their guarantees
      double seconds = (System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1);
      for (int i = 0; i < GUARANTEED; i++) {
        assertThat(guaranteed.get(i).bytes() - before.get(i))
            .isGreaterThan((long) (0.99 * GUARANTEE * seconds));
      }
      assertThat(server.metric("netrng_clients_connected")).isEqualTo(2 * GUARANTEED);
    } finally {
      for (GreedyClient drawer : drawers) {
        drawer.close();
      }
    }
  }

  @Test
  void connectionsAboveTheFileDescriptorLimitWaitAndAreLoggedOnce() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    List<String> withFewFiles = List.of("sh", "-c", "ulimit -n 200 && exec \"$@\"", "sh");
    try (AppProcess server =
        AppProcess.start(
            withFewFiles,
            "server",
            "--netrng.server.port=0",
            "--netrng.server.source.devices=/dev/urandom",
            "--netrng.server.limits.hello-timeout=1m")) {
      server.awaitLog(": Started Netrng");
      server.awaitHealth("/actuator/health/readiness", 200);
      try (RawClient client = new RawClient(server.streamPort())) {
        client.join("client");

        // when
        for (int i = 0; i < 250; i++) {
          sockets.add(new Socket(InetAddress.getLoopbackAddress(), server.streamPort()));
        }
        server.awaitLog("accepting connections failed");

        // then the server serves the connected client while the listener retries
        await("the listener has retried several times")
            .during(Duration.ofSeconds(3))
            .atMost(AppProcess.PATIENCE)
            .until(() -> {
              client.request(1);
              return client.sample().entropy().hasRemaining();
            });

        // and the server admits the waiting client when the sockets are closed
        try (RawClient late = new RawClient(server.streamPort())) {
          close(sockets);
          late.join("late");
        }
        assertThat(server.metric("netrng_accept_paused_seconds_total{reason=\"failure\"}"))
            .isGreaterThan(1);
        assertThat(server.log())
            .containsOnlyOnce("accepting connections failed")
            .doesNotContain("exceptionCaught", "\tat ");
      }
    } finally {
      close(sockets);
    }
  }

  private static void close(List<Socket> sockets) throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
