// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Measures the start-up time of each app with the options of packages and images, and of a plain
 * {@code java -jar} of the same build. It also measures the memory of the idle apps: the server
 * without clients, and the client without a server but with its {@code rngd}. For the server, it
 * measures rate and memory under load as well.
 */
final class Footprint {

  private static final int RUNS = 5;
  private static final String SERVER = "netrng-server";
  private static final double MOST_OF_PLAIN = 0.35;
  private static final double LEAST_OF_PLAIN = 0.1;
  private static final double STATUS_SECONDS = 0.4;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MEBIBYTE = 1_024 * 1_024;
  private static final Duration CHECK_INTERVAL = Duration.ofMillis(10);

  /** Twice the trim interval of malloc in java.options. */
  private static final long IDLE_SECONDS = 20;

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final String name;
  private final String probe;
  private final List<String> arguments;
  private final Goal memory;

  private Footprint(String name, String probe, List<String> arguments, int mostMebibytes) {
    this.name = name;
    this.probe = probe;
    this.arguments = arguments;
    memory = Goal.atMost(mostMebibytes * MEBIBYTE);
  }

  static List<Row> rows() throws IOException, InterruptedException {
    List<String> server =
        List.of(
            "--netrng.server.port=0",
            "--netrng.server.source.devices=/dev/urandom",
            "--netrng.server.admin.token-file=" + RunningApp.ADMIN_TOKEN);
    List<String> client = List.of("--netrng.client.servers=127.0.0.1:1");
    List<Row> rows = new ArrayList<>();
    rows.addAll(new Footprint(SERVER, "readiness", server, 120).measured());
    rows.addAll(atWork());
    rows.add(status());
    rows.addAll(new Footprint("netrng-client", "liveness", client, 105).measured());
    return rows;
  }

  /** Measures the run time of the command netrng. */
  private static Row status() throws IOException, InterruptedException {
    List<Double> seconds = new ArrayList<>();
    try (RunningApp server =
        RunningApp.server(Installed.command(SERVER), "netrng.server.source.devices=/dev/urandom")) {
      for (int i = 0; i < RUNS; i++) {
        long start = System.nanoTime();
        Command.run(
            List.of(
                Installed.netrng(SERVER).toString(),
                "status",
                "server",
                "--url=http://127.0.0.1:" + server.httpPort()));
        seconds.add((System.nanoTime() - start) / NANOS_PER_SECOND);
      }
    }
    return Row.alone("netrng status, as installed", "s", seconds, Goal.atMost(STATUS_SECONDS));
  }

  /** Measures how the options for small machines affect a server under load. */
  private static List<Row> atWork() throws IOException, InterruptedException {
    List<Double> installed = new ArrayList<>();
    List<Double> plain = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      plain.add(drawnFrom(Command.jar(SERVER)));
      installed.add(drawnFrom(Installed.command(SERVER)));
    }
    double idle;
    try (RunningApp server =
        RunningApp.server(
            Installed.command(SERVER),
            "netrng.server.max-clients=" + Memory.CLIENTS,
            "netrng.server.source.devices=/dev/urandom")) {
      idle = Memory.residentSizeWith(Memory.CLIENTS, server);
    }
    return List.of(
        Row.beside(
            "1 client of a netrng-server, as installed",
            "B/s",
            installed,
            "java -jar",
            plain,
            Goal.atLeast(LEAST_OF_PLAIN)),
        Row.alone(
            "memory with 10,000 idle clients, as installed",
            "B",
            List.of(idle),
            Goal.atMost(Memory.MOST_BYTES)));
  }

  private static double drawnFrom(List<String> app) throws IOException, InterruptedException {
    try (FastSource source = FastSource.start();
        RunningApp server =
            RunningApp.server(app, "netrng.server.source.devices=" + source.fifo())) {
      return Throughput.drawn(server, 1);
    }
  }

  private List<Row> measured() throws IOException, InterruptedException {
    Installed.train(name);
    List<String> asInstalled = Installed.command(name);
    List<String> plain = Command.jar(name);

    List<Double> seconds = new ArrayList<>();
    List<Double> plainSeconds = new ArrayList<>();
    List<Double> bytes = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      plainSeconds.add(run(plain, null));
      seconds.add(run(asInstalled, bytes));
    }
    return List.of(
        Row.beside(
            name + ", as installed, from its start to its " + probe,
            "s",
            seconds,
            "java -jar",
            plainSeconds,
            Goal.atMost(MOST_OF_PLAIN)),
        Row.alone("memory of an idle " + name, "B", bytes, memory));
  }

  /**
   * Starts the app, and stops it when it is ready. If the list of bytes is not null, waits until
   * the app is idle and adds its memory.
   */
  private double run(List<String> java, @Nullable List<Double> bytes)
      throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    List<String> command = new ArrayList<>(java);
    command.add("--server.port=" + port);
    command.addAll(arguments);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/health/" + probe))
            .timeout(RunningApp.PATIENCE)
            .build();
    long begun = System.nanoTime();
    try (RunningApp app = new RunningApp(name, command, Map.of())) {
      app.awaitStart(CHECK_INTERVAL, () -> isUp(request));
      double seconds = (System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1);
      if (bytes != null) {
        TimeUnit.SECONDS.sleep(IDLE_SECONDS);
        bytes.add((double) app.residentSize());
      }
      return seconds;
    }
  }

  private static boolean isUp(HttpRequest request) {
    try {
      return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
