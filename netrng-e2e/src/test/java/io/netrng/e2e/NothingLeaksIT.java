// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.testkit.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The server keeps no memory of clients that have disconnected. */
class NothingLeaksIT {

  private static final int WARM_UP = 2_000;
  private static final int CONNECTS = 10_000;
  private static final double MEBI = 1024 * 1024;

  @Test
  void tenThousandClosedConnectionsLeakNeitherHeapNorThreads() throws Exception {
    try (AppProcess server = AppProcess.server("--netrng.server.source.devices=/dev/urandom")) {
      // given
      comeAndGo(server, WARM_UP);
      double heapBefore = heapAfterCollection(server);
      double threadsBefore = server.metric("jvm_threads_live_threads");

      // when
      comeAndGo(server, CONNECTS);

      // then
      assertThat(server.metric("netrng_clients_connected")).isZero();
      assertThat(server.metric("jvm_threads_live_threads")).isLessThanOrEqualTo(threadsBefore + 1);
      // a leaked session would take some kilobytes, so 10,000 of them would exceed this limit
      assertThat(heapAfterCollection(server)).isLessThan(heapBefore + 4 * MEBI);
    }
  }

  private static void comeAndGo(AppProcess server, int times) throws IOException {
    int port = server.streamPort();
    for (int i = 0; i < times; i++) {
      try (RawClient client = new RawClient(port)) {
        client.join("client-" + i % 100);
        client.request(3);
        client.sample();
        if (i % 2 == 0) {
          client.bye();
        }
      }
    }
    await("the last client disconnects")
        .atMost(AppProcess.PATIENCE)
        .until(() -> server.metric("netrng_clients_connected") == 0);
  }

  private static double heapAfterCollection(AppProcess server)
      throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Machine.run(List.of(jcmd, Long.toString(server.pid()), "GC.run"));
    return server
        .get("/actuator/prometheus")
        .body()
        .lines()
        .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
