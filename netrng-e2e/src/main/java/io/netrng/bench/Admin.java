package io.netrng.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What administrators wait for, and what the stream feels of them. */
final class Admin {

  private static final int CLIENTS = 10_000;
  private static final int WARM_UP_LISTS = 10;
  private static final int LISTS = 11;
  private static final double MOST_MILLIS = 300;
  private static final int RUNS = 5;
  private static final String WARM_UP_SECONDS = "2";
  private static final String MEASURED_SECONDS = "2";

  private Admin() {}

  static List<Row> rows() throws IOException, InterruptedException {
    List<Double> undisturbed = new ArrayList<>();
    List<Double> polled = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      undisturbed.add(drawn(false));
      polled.add(drawn(true));
    }
    return List.of(
        Row.alone("all of 10,000 clients listed", "ms", lists(), Goal.atMost(MOST_MILLIS)),
        Row.beside(
            "1 client while the API is asked as fast as it answers",
            "B/s",
            polled,
            "1 client",
            undisturbed,
            Goal.atLeast(0.9)));
  }

  private static List<Double> lists() throws IOException, InterruptedException {
    List<Double> millis = new ArrayList<>();
    try (Server server =
            Server.start(
                "netrng.server.max-clients=" + CLIENTS,
                "netrng.server.source.devices=/dev/urandom");
        Worker idle = Worker.start(IdleClients.class, server.port(), CLIENTS)) {
      idle.readLine();
      for (int i = 0; i < WARM_UP_LISTS + LISTS; i++) {
        long begun = System.nanoTime();
        int status = server.get("/api/v1/clients?size=" + CLIENTS).statusCode();
        double took = (System.nanoTime() - begun) / (double) TimeUnit.MILLISECONDS.toNanos(1);
        if (status != 200) {
          throw new IOException("status " + status);
        }
        if (i >= WARM_UP_LISTS) {
          millis.add(took);
        }
        // As a person asks: the API paces those who do not wait.
        TimeUnit.SECONDS.sleep(1);
      }
    }
    return millis;
  }

  private static double drawn(boolean polled) throws IOException, InterruptedException {
    try (FastSource source = FastSource.start();
        Server server = Server.start("netrng.server.source.devices=" + source.fifo())) {
      if (!polled) {
        return Command.figure(
            LoadClient.class, server.port(), 1, WARM_UP_SECONDS, MEASURED_SECONDS);
      }
      try (Worker poller = Worker.start(AdminPoller.class, server.httpPort(), Server.ADMIN_TOKEN)) {
        poller.readLine();
        double drawn =
            Command.figure(LoadClient.class, server.port(), 1, WARM_UP_SECONDS, MEASURED_SECONDS);
        poller.requireAlive();
        return drawn;
      }
    }
  }
}
