// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import io.netrng.bench.PromiseClient.Behaviour;
import io.netrng.bench.PromiseClient.Plan;
import java.io.IOException;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Measures the rates of clients with different guarantees right after the device has fallen to half
 * of all guarantees. All clients should lose the same share.
 */
final class Shortfall {

  private static final double CAPACITY = 64 * 1024;
  private static final int CLIENTS = 20;
  private static final int LEAST = 1_000;
  private static final int MOST = 4_000;
  private static final int SECONDS_BEFORE = 20;
  private static final int SECONDS_AFTER = 30;

  private Shortfall() {}

  static List<Row> rows() throws IOException, InterruptedException {
    List<Plan> plans =
        IntStream.range(0, CLIENTS)
            .mapToObj(i -> LEAST + i * (MOST - LEAST) / (CLIENTS - 1))
            .map(rate -> new Plan(Behaviour.GREEDY, "guaranteed-" + rate, rate))
            .toList();
    double promised = plans.stream().mapToInt(Plan::rate).sum();
    try (FifoServer server =
            FifoServer.start(
                CAPACITY,
                "netrng.server.sample-size=64B",
                "netrng.server.default-guarantee=" + MOST + "B/s");
        Worker clients = server.clients(plans)) {
      Deliveries deliveries = new Deliveries(clients);
      deliveries.follow(SECONDS_BEFORE);
      server.setRate(promised / 2);
      deliveries.follow(SECONDS_AFTER);
      DoubleSummaryStatistics shares =
          IntStream.range(0, CLIENTS)
              .mapToDouble(i -> deliveries.rate(i, SECONDS_BEFORE) / plans.get(i).rate())
              .summaryStatistics();
      return List.of(
          Row.alone(
              "30 s after a fall to half of the promised: spread of the shares",
              "of mean",
              List.of((shares.getMax() - shares.getMin()) / shares.getAverage()),
              Goal.atMost(0.02)));
    }
  }
}
