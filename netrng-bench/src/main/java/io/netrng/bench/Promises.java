// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import io.netrng.bench.PromiseClient.Behaviour;
import io.netrng.bench.PromiseClient.Plan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Measures whether clients receive their guaranteed rates. 20 clients have a guarantee of 2,000 B/s
 * each, from a FIFO of 64 KiB/s, among 80 clients without a guarantee. All have unlimited demand.
 * The benchmark repeats this while unauthenticated clients keep thousands of connections open, and
 * while the API and the metrics are polled without a pause.
 */
final class Promises {

  private static final double CAPACITY = 64 * 1024;
  private static final int GUARANTEED = 20;
  private static final int GUARANTEE = 2_000;
  private static final double KEPT = 0.99;

  /**
   * The number of clients of each other behaviour; without misbehaviour, the number of all others.
   */
  private static final int OF_A_KIND = 20;

  private static final int OTHERS = 4 * OF_A_KIND;

  private static final int UNAUTHENTICATED = 5_000;

  /** The rate of the FIFO while the buffers of stalled clients fill, in bytes per second. */
  private static final double FILLING_RATE = 10 * 1024 * 1024;

  private static final int MOST_CHECKS = 30;

  private static final int WINDOW_SECONDS = 30;

  /** The first window, which does not count, and five more. */
  private static final int MEASURED_SECONDS = 6 * WINDOW_SECONDS;

  private Promises() {}

  static List<Row> rows() throws IOException, InterruptedException {
    try (FifoServer plain = server();
        FifoServer besieged = server();
        FifoServer asked = server();
        FifoServer hostile = server();
        Worker _ = hostile.clients(plans(Behaviour.STALLED, "stalled", OF_A_KIND))) {
      awaitStalled(hostile);
      try (Worker amongGreedy = plain.clients(amongGreedy());
          Worker amongIdle = besieged.clients(amongGreedy());
          Worker whileAsked = asked.clients(amongGreedy());
          Worker amongHostile = hostile.clients(amongHostile())) {
        Deliveries greedy = new Deliveries(amongGreedy);
        Deliveries besideIdle = new Deliveries(amongIdle);
        Deliveries beside = new Deliveries(whileAsked);
        Deliveries misbehaving = new Deliveries(amongHostile);
        try (Worker crowd =
                Worker.start(
                    UnauthenticatedClients.class, besieged.server().streamPort(), UNAUTHENTICATED);
            Worker administrator = AdminPoller.start(asked.server(), AdminPoller.CLIENTS);
            Worker prometheus = AdminPoller.start(asked.server(), RunningApp.METRICS)) {
          crowd.readLine();
          for (int second = 0; second < MEASURED_SECONDS; second++) {
            greedy.follow(1);
            besideIdle.follow(1);
            beside.follow(1);
            misbehaving.follow(1);
          }
          crowd.requireAlive();
          administrator.requireAlive();
          prometheus.requireAlive();
        }
        List<Row> rows = new ArrayList<>(keptRows("greedy neighbours", greedy));
        rows.addAll(keptRows("5,000 unauthenticated", besideIdle));
        rows.addAll(keptRows("API and metrics asked without a pause", beside));
        rows.addAll(keptRows("misbehaving neighbours", misbehaving));
        rows.add(fairnessRow(misbehaving));
        return rows;
      }
    }
  }

  private static FifoServer server() throws IOException, InterruptedException {
    return FifoServer.start(
        CAPACITY,
        "netrng.server.sample-size=512B",
        "netrng.server.default-guarantee=0B/s",
        "netrng.server.clients[0].name=guaranteed-*",
        "netrng.server.clients[0].guarantee=" + GUARANTEE + "B/s");
  }

  /**
   * Waits until the clients are stalled. The kernel buffers megabytes for a client that never
   * reads, so at the rate of the run the stall would not be detected.
   */
  private static void awaitStalled(FifoServer server) throws IOException, InterruptedException {
    server.setRate(FILLING_RATE);
    double before = 0;
    double delivered = 0;
    for (int i = 0; i < MOST_CHECKS && (delivered == 0 || delivered > before); i++) {
      TimeUnit.SECONDS.sleep(2);
      before = delivered;
      delivered = server.server().metric("netrng_delivered_bytes_total");
    }
    server.setRate(CAPACITY);
  }

  private static List<Plan> amongGreedy() {
    List<Plan> plans = new ArrayList<>(plans(Behaviour.GREEDY, "guaranteed", GUARANTEED));
    plans.addAll(plans(Behaviour.GREEDY, "greedy", OTHERS));
    return plans;
  }

  /** Returns the plans without the stalled clients, which are already connected. */
  private static List<Plan> amongHostile() {
    List<Plan> plans = new ArrayList<>(plans(Behaviour.GREEDY, "guaranteed", GUARANTEED));
    plans.addAll(plans(Behaviour.GREEDY, "greedy", OF_A_KIND));
    plans.addAll(plans(Behaviour.INSATIABLE, "insatiable", OF_A_KIND));
    plans.addAll(plans(Behaviour.RESTLESS, "restless", OF_A_KIND));
    return plans;
  }

  private static List<Plan> plans(Behaviour behaviour, String name, int clients) {
    return IntStream.range(0, clients)
        .mapToObj(i -> new Plan(behaviour, name + "-" + i, 0))
        .toList();
  }

  private static List<Row> keptRows(String among, Deliveries deliveries) {
    List<Double> smallest =
        IntStream.range(0, GUARANTEED)
            .mapToObj(i -> deliveries.lowestRate(i, WINDOW_SECONDS, WINDOW_SECONDS) / GUARANTEE)
            .sorted()
            .toList();
    double below = smallest.stream().filter(share -> share < KEPT).count();
    return List.of(
        Row.alone(
            "guaranteed clients ever below 99 %, " + among,
            "of " + GUARANTEED,
            List.of(below),
            Goal.atMost(0)),
        Row.alone(
            "their smallest share in any 30 s, " + among,
            "of guarantee",
            List.of(smallest.getFirst()),
            Goal.atLeast(KEPT)));
  }

  /**
   * Compares only the clients with equal behaviour: the greedy ones, regardless of their demand.
   */
  private static Row fairnessRow(Deliveries deliveries) {
    double[] rates =
        IntStream.range(GUARANTEED, GUARANTEED + 2 * OF_A_KIND)
            .mapToDouble(i -> deliveries.rate(i, WINDOW_SECONDS))
            .toArray();
    double sum = Arrays.stream(rates).sum();
    double squares = Arrays.stream(rates).map(rate -> rate * rate).sum();
    return Row.alone(
        "equal clients among misbehaving ones, Jain's index",
        "",
        List.of(sum * sum / (rates.length * squares)),
        Goal.atLeast(0.999));
  }
}
