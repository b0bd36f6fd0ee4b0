// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The guarantees of admitted clients, and the refusal of others. */
@Isolated("other tests would take processing time from the clients")
class PromisesIT {

  private static final int SAMPLE_SIZE = 512;

  private static final Pattern DELIVERED =
      Pattern.compile("netrng_client_delivered_bytes_total\\{client=\"([^\"]+)\"} (\\S+)");

  @Test
  void aClientRefusedForCapacityUsesTheNextServerOrWaitsForCapacity() {
    try (AppProcess small =
            AppProcess.server(
                "--netrng.server.source.devices=/dev/urandom", "--netrng.server.capacity=100B/s");
        AppProcess other = AppProcess.server("--netrng.server.source.devices=/dev/urandom");
        AppProcess first = AppProcess.client("--netrng.client.servers=" + small.address())) {
      // given a server whose 100 B/s, less the headroom, allow one client of 64 B/s
      small.awaitMetric("netrng_clients_connected", 1);
      assertThat(small.metric("netrng_promised_bytes_per_second")).isEqualTo(64);

      try (AppProcess second =
              AppProcess.client(
                  "--netrng.client.servers=" + small.address() + "," + other.address());
          AppProcess third = AppProcess.client("--netrng.client.servers=" + small.address())) {
        // then the client with another server receives entropy from that one
        other.awaitMetric("netrng_clients_connected", 1);
        assertThat(second.log()).contains("capacity: 64B/s more than the 64B/s", "90B/s");
        // and the client without another server reports the reason
        await("health reports the reason")
            .atMost(AppProcess.PATIENCE)
            .until(() -> third.get("/actuator/health").body().contains("capacity: 64B/s more"));
        assertThat(small.get("/actuator/prometheus").body())
            .containsPattern("netrng_clients_refused_total\\{reason=\"capacity\"} [1-9]");

        // and when the first disconnects, the server admits the third
        first.stop();
        small.awaitMetric("netrng_client_delivered_bytes_total", 1);
      }
    }
  }

  @Test
  void greedyClientsDoNotReduceTheSharesOfGuaranteedClients(@TempDir Path directory)
      throws Exception {
    try (SlowFifo fifo = new SlowFifo(directory.resolve("fifo"));
        AppProcess server =
            AppProcess.server(
                "--netrng.server.source.devices=" + fifo.path(),
                "--netrng.server.sample-size=" + SAMPLE_SIZE + "B",
                "--netrng.server.capacity=64KB/s",
                "--netrng.server.default-guarantee=0B/s",
                "--netrng.server.clients[0].name=guaranteed-*",
                "--netrng.server.clients[0].guarantee=8000B/s")) {
      // given four clients with a guarantee among eight with unlimited demand
      List<GreedyClient> guaranteed = new ArrayList<>();
      List<GreedyClient> greedy = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        greedy.add(new GreedyClient(server.streamPort(), "greedy-" + i));
      }
      for (int i = 0; i < 4; i++) {
        guaranteed.add(new GreedyClient(server.streamPort(), "guaranteed-" + i));
      }
      try {
        // when all clients have received entropy for a while
        List<GreedyClient> all = new ArrayList<>(guaranteed);
        all.addAll(greedy);
        awaitBytes(all, 64 * 1024);
        Map<String, Double> before = delivered(server);
        awaitBytes(all, sum(all) + 2 * 1024 * 1024);

        // then the shares approach the weights: on a busy machine, a batch contains seconds of a
        // guarantee
        await("the shares equal the weights")
            .atMost(AppProcess.PATIENCE)
            .untilAsserted(() -> assertShares(before, delivered(server)));
      } finally {
        for (GreedyClient client : guaranteed) {
          client.close();
        }
        for (GreedyClient client : greedy) {
          client.close();
        }
      }
    }
  }

  /** The weights are 4 x 8,000 B/s and 6,553.6 B/s of headroom for eight. */
  private static void assertShares(Map<String, Double> before, Map<String, Double> after) {
    double total =
        after.values().stream().mapToDouble(b -> b).sum()
            - before.values().stream().mapToDouble(b -> b).sum();
    assertThat(after).hasSize(12);
    after.forEach((client, bytes) -> {
      double share = (bytes - Objects.requireNonNull(before.get(client))) / total;
      if (client.startsWith("guaranteed")) {
        // Equal shares would be 0.083.
        assertThat(share).as(client).isCloseTo(8_000 / 38_553.6, within(0.01));
      } else {
        assertThat(share).as(client).isCloseTo(6_553.6 / 38_553.6 / 8, within(0.005));
      }
    });
  }

  /**
   * Returns the bytes sent to each client, all at the same time. A busy client reads them later.
   */
  private static Map<String, Double> delivered(AppProcess server) {
    return DELIVERED
        .matcher(server.get("/actuator/prometheus").body())
        .results()
        .collect(Collectors.toMap(m -> m.group(1), m -> Double.valueOf(m.group(2))));
  }

  private static void awaitBytes(List<GreedyClient> clients, long atLeast) {
    await(atLeast + " bytes are received")
        .atMost(AppProcess.PATIENCE)
        .until(() -> sum(clients) >= atLeast);
  }

  private static long sum(List<GreedyClient> clients) {
    return clients.stream().mapToLong(GreedyClient::bytes).sum();
  }
}
