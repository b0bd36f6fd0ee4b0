// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Measures how long a client waits for its first sample from an idle server with a fast source. */
final class Latency {

  private static final int RUNS = 5;
  private static final int WARM_UP_CONNECTIONS = 100;
  private static final int MEASURED_CONNECTIONS = 1_000;
  private static final double MOST_MILLIS = 20;

  private Latency() {}

  static List<Row> rows() throws IOException, InterruptedException {
    List<Double> runs = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      runs.add(p99Millis());
    }
    return List.of(
        Row.alone(
            "from connecting to the first sample, p99 of 1,000",
            "ms",
            runs,
            Goal.atMost(MOST_MILLIS)));
  }

  /** Measures a server that has just started. */
  private static double p99Millis() throws IOException, InterruptedException {
    try (RunningApp server = RunningApp.server("netrng.server.source.devices=/dev/urandom")) {
      return Command.figure(
          LatencyClient.class, server.streamPort(), WARM_UP_CONNECTIONS, MEASURED_CONNECTIONS);
    }
  }
}
