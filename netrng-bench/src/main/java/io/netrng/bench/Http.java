// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import io.netrng.bench.PromiseClient.Behaviour;
import io.netrng.bench.PromiseClient.Plan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Measures the HTTP entropy API: its rate beside a client of the stream, the time of small answers,
 * and the guarantees of the stream's clients beside many HTTP clients.
 */
final class Http {

  private static final int RUNS = 5;
  private static final int LARGE = 1024 * 1024;
  private static final int SMALL = 32;
  private static final int WARM_UP_SECONDS = 8;
  private static final int MEASURED_SECONDS = 2;
  private static final double LEAST_RATE = 300e6;
  private static final double MOST_MILLIS = 5;

  private static final double CAPACITY = 256 * 1024;
  private static final int GUARANTEED = 100;
  private static final int GUARANTEE = 2_000;
  private static final int NEIGHBOURS = 1_000;
  private static final int OF_A_NEIGHBOUR = 512;
  private static final double KEPT = 0.99;
  private static final int WINDOW_SECONDS = 30;

  /** The first window, which does not count, and three more. */
  private static final int FOLLOWED_SECONDS = 4 * WINDOW_SECONDS;

  private Http() {}

  static List<Row> rows() throws IOException, InterruptedException {
    List<Double> large = new ArrayList<>();
    List<Double> stream = new ArrayList<>();
    List<Double> small = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      try (FastSource source = FastSource.start();
          RunningApp server =
              RunningApp.server(
                  "netrng.server.entropy-api.port=0",
                  "netrng.server.source.devices=" + source.fifo())) {
        large.add(measured(server, LARGE).getFirst());
        small.add(measured(server, SMALL).getLast());
        stream.add(Throughput.drawn(server, 1));
      }
    }
    List<Row> rows = new ArrayList<>();
    rows.add(Row.alone("HTTP, answers of 1 MB", "B/s", large, Goal.atLeast(LEAST_RATE)));
    rows.add(
        Row.beside("the same", "B/s", large, "1 client of the stream", stream, Goal.atLeast(0.3)));
    rows.add(Row.alone("HTTP, answers of 32 B, p99", "ms", small, Goal.atMost(MOST_MILLIS)));
    rows.addAll(guarantees());
    return rows;
  }

  /** Returns the rate of one client in bytes per second, and the p99 of its times. */
  private static List<Double> measured(RunningApp server, int bytes) throws IOException {
    try (Worker client =
        Worker.start(
            HttpClients.class,
            server.entropyApiPort(),
            1,
            bytes,
            WARM_UP_SECONDS,
            MEASURED_SECONDS)) {
      client.readLine();
      return List.of(Double.valueOf(client.readLine()), Double.valueOf(client.readLine()));
    }
  }

  private static List<Row> guarantees() throws IOException, InterruptedException {
    try (FifoServer server =
        FifoServer.start(
            CAPACITY,
            "netrng.server.sample-size=512B",
            "netrng.server.max-clients=" + (GUARANTEED + NEIGHBOURS),
            "netrng.server.entropy-api.port=0",
            "netrng.server.entropy-api.max-connections=" + NEIGHBOURS,
            "netrng.server.default-guarantee=0B/s",
            "netrng.server.clients[0].name=guaranteed-*",
            "netrng.server.clients[0].guarantee=" + GUARANTEE + "B/s")) {
      List<Plan> plans =
          IntStream.range(0, GUARANTEED)
              .mapToObj(i -> new Plan(Behaviour.GREEDY, "guaranteed-" + i, 0))
              .toList();
      try (Worker clients = server.clients(plans);
          Worker neighbours =
              Worker.start(
                  HttpClients.class,
                  server.server().entropyApiPort(),
                  NEIGHBOURS,
                  OF_A_NEIGHBOUR,
                  0,
                  0)) {
        Deliveries deliveries = new Deliveries(clients);
        for (int second = 0; second < FOLLOWED_SECONDS; second++) {
          deliveries.follow(1);
        }
        neighbours.readLine();
        neighbours.requireAlive();
        List<Double> shares =
            IntStream.range(0, GUARANTEED)
                .mapToObj(i -> deliveries.lowestRate(i, WINDOW_SECONDS, WINDOW_SECONDS) / GUARANTEE)
                .sorted()
                .toList();
        return List.of(
            Row.alone(
                "100 guaranteed beside 1,000 HTTP clients, smallest share in 30 s",
                "of guarantee",
                List.of(shares.getFirst()),
                Goal.atLeast(KEPT)),
            Row.alone(
                "HTTP clients of the same server at the end",
                "clients",
                List.of(server.server().metric("netrng_listener_clients{listener=\"http\"}")),
                Goal.atLeast(NEIGHBOURS)));
      }
    }
  }
}
