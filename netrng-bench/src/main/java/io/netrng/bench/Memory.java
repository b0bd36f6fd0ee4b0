// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Measures the server's memory while many clients are connected and request no samples. */
final class Memory {

  private static final int RUNS = 3;
  static final int CLIENTS = 10_000;
  static final double MOST_BYTES = 400 * 1_024 * 1_024;
  private static final double MOST_BYTES_A_CLIENT = 16 * 1_024;

  /** Long enough for every client to send one PING. */
  private static final long SETTLE_SECONDS = 15;

  private Memory() {}

  static List<Row> rows() throws IOException, InterruptedException {
    List<Double> all = new ArrayList<>();
    List<Double> each = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      try (RunningApp server =
          RunningApp.server(
              "netrng.server.max-clients=" + (1 + CLIENTS),
              "netrng.server.source.devices=/dev/urandom")) {
        double withOne = residentSizeWith(1, server);
        double withAll = residentSizeWith(CLIENTS, server);
        all.add(withAll);
        each.add((withAll - withOne) / (CLIENTS - 1));
      }
    }
    return List.of(
        Row.alone("memory with 10,000 idle clients", "B", all, Goal.atMost(MOST_BYTES)),
        Row.alone(
            "memory per idle client beyond the first",
            "B",
            each,
            Goal.atMost(MOST_BYTES_A_CLIENT)));
  }

  /** Returns the server's resident memory after so many clients have connected and settled. */
  static double residentSizeWith(int clients, RunningApp server)
      throws IOException, InterruptedException {
    try (Worker idle = Worker.start(IdleClients.class, server.streamPort(), clients)) {
      idle.readLine();
      TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
      idle.requireAlive();
      return server.residentSize();
    }
  }
}
