// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Measures the latency of administrators' requests, and their effect on the stream. */
final class Admin {

  private static final int CLIENTS = 10_000;
  private static final int WARM_UP_LISTS = 10;
  private static final int LISTS = 11;
  private static final double MOST_MILLIS = 300;
  private static final int RUNS = 5;

  /**
   * Enough time for the JVM to compile the code of the requesting processes, and to use up the
   * burst of requests that the API serves without delay.
   */
  private static final String WARM_UP_SECONDS = "5";

  private static final String MEASURED_SECONDS = "4";

  private static final int DRAWING = 100;

  /** The rate of a generator that is faster than most. */
  private static final double CAPACITY = 10 * 1024 * 1024;

  private Admin() {}

  static List<Row> rows() throws IOException, InterruptedException {
    return List.of(
        Row.alone("all of 10,000 clients listed", "ms", lists(), Goal.atMost(MOST_MILLIS)),
        rates(),
        fullSpeed());
  }

  private static List<Double> lists() throws IOException, InterruptedException {
    List<Double> millis = new ArrayList<>();
    try (RunningApp server =
            RunningApp.server(
                "netrng.server.max-clients=" + CLIENTS,
                "netrng.server.source.devices=/dev/urandom");
        Worker idle = Worker.start(IdleClients.class, server.streamPort(), CLIENTS)) {
      idle.readLine();
      for (int i = 0; i < WARM_UP_LISTS + LISTS; i++) {
        long begun = System.nanoTime();
        int status = server.get(AdminPoller.CLIENTS).statusCode();
        double took = (System.nanoTime() - begun) / (double) TimeUnit.MILLISECONDS.toNanos(1);
        if (status != 200) {
          throw new IOException("status " + status);
        }
        if (i >= WARM_UP_LISTS) {
          millis.add(took);
        }
        // One request per second, like a person; the API limits clients without pauses.
        TimeUnit.SECONDS.sleep(1);
      }
    }
    return millis;
  }

  /** Measures clients that draw the full rate of a device. */
  private static Row rates() throws IOException, InterruptedException {
    List<Double> undisturbed = new ArrayList<>();
    List<Double> asked = new ArrayList<>();
    try (FifoServer fifo = FifoServer.start(CAPACITY)) {
      RunningApp server = fifo.server();
      for (int i = 0; i < RUNS; i++) {
        undisturbed.add(drawn(server, DRAWING));
        try (Worker administrator = AdminPoller.start(server, AdminPoller.CLIENTS);
            Worker prometheus = AdminPoller.start(server, RunningApp.METRICS)) {
          asked.add(drawn(server, DRAWING));
          administrator.requireAlive();
          prometheus.requireAlive();
        }
      }
    }
    return Row.beside(
        "100 clients on 10 MiB/s, API and metrics asked without a pause",
        "B/s",
        asked,
        "100 clients",
        undisturbed,
        Goal.atLeast(0.99));
  }

  /**
   * Measures a client that draws as much as the processors can deliver, so any other load reduces
   * its rate. The comparison is the same load from another server on this machine.
   */
  private static Row fullSpeed() throws IOException, InterruptedException {
    List<Double> besideAnother = new ArrayList<>();
    List<Double> asked = new ArrayList<>();
    try (FastSource source = FastSource.start();
        RunningApp server = RunningApp.server("netrng.server.source.devices=" + source.fifo());
        RunningApp another = RunningApp.server("netrng.server.source.devices=/dev/urandom")) {
      for (int i = 0; i < RUNS; i++) {
        besideAnother.add(drawnWhileAsked(server, another));
        asked.add(drawnWhileAsked(server, server));
      }
    }
    return Row.beside(
        "1 client at full speed, API asked without a pause",
        "B/s",
        asked,
        "API of another server asked",
        besideAnother,
        Goal.atLeast(0.9));
  }

  private static double drawnWhileAsked(RunningApp drawnFrom, RunningApp asked)
      throws IOException, InterruptedException {
    try (Worker administrator = AdminPoller.start(asked, AdminPoller.CLIENTS)) {
      double drawn = drawn(drawnFrom, 1);
      administrator.requireAlive();
      return drawn;
    }
  }

  private static double drawn(RunningApp server, int clients)
      throws IOException, InterruptedException {
    return Command.figure(
        LoadClient.class, server.streamPort(), clients, WARM_UP_SECONDS, MEASURED_SECONDS);
  }
}
