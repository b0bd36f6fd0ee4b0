// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What an installed client with the sink kernel costs a machine: the time from its start to the
 * first seed that it has credited, and the threads and context switches of the idle client.
 */
final class IdleClient {

  private static final int STARTS = 5;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double START_SECONDS = 1.5;
  private static final int THREADS = 18;
  private static final int SWITCHES_PER_SECOND = 8;
  private static final Duration CHECK_INTERVAL = Duration.ofMillis(5);

  /** The JDK ends threads that only the start needs after one minute. */
  private static final long SETTLE_SECONDS = 75;

  private static final long MEASURED_SECONDS = 40;
  private static final String SWITCHES = "voluntary_ctxt_switches:";

  private final Path directory;
  private final RunningApp server;

  private IdleClient(Path directory, RunningApp server) {
    this.directory = directory;
    this.server = server;
  }

  static List<Row> rows() throws IOException, InterruptedException {
    Installed.train("netrng-client");
    Path directory = Files.createTempDirectory("netrng");
    List<Double> seconds = new ArrayList<>();
    try (RunningApp server = RunningApp.server("netrng.server.source.devices=/dev/urandom")) {
      IdleClient idle = new IdleClient(directory, server);
      for (int i = 0; i < STARTS; i++) {
        seconds.add(idle.start());
      }
      List<Row> rows = new ArrayList<>(idle.measure());
      rows.addFirst(
          Row.alone(
              "netrng-client, as installed, from its start to the first seed",
              "s",
              seconds,
              Goal.atMost(START_SECONDS)));
      return rows;
    } finally {
      Files.deleteIfExists(seeded(directory));
      Files.delete(directory);
    }
  }

  /** The file that the client creates when the kernel uses its first seed. */
  private static Path seeded(Path directory) {
    return directory.resolve("seeded");
  }

  private RunningApp client() {
    List<String> command = new ArrayList<>(Installed.command("netrng-client"));
    command.add("--server.port=0");
    command.add("--netrng.client.servers=127.0.0.1:" + server.streamPort());
    command.add("--netrng.client.guarantee=64B/s");
    command.add("--netrng.client.sink=kernel");
    return new RunningApp("client", command, Map.of("RUNTIME_DIRECTORY", directory.toString()));
  }

  private double start() throws IOException {
    Files.deleteIfExists(seeded(directory));
    long begun = System.nanoTime();
    try (RunningApp client = client()) {
      client.awaitStart(CHECK_INTERVAL, () -> Files.exists(seeded(directory)));
      double seconds = (System.nanoTime() - begun) / NANOS_PER_SECOND;
      client.awaitStarted();
      return seconds;
    }
  }

  private List<Row> measure() throws InterruptedException {
    try (RunningApp client = client()) {
      client.awaitStarted();
      TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
      List<Path> threads = threads(client);
      long before = switches(threads);
      TimeUnit.SECONDS.sleep(MEASURED_SECONDS);
      double perSecond = (switches(threads) - before) / (double) MEASURED_SECONDS;
      return List.of(
          Row.alone(
              "threads of an idle netrng-client",
              "threads",
              List.of((double) threads.size()),
              Goal.atMost(THREADS)),
          Row.alone(
              "voluntary context switches of an idle netrng-client",
              "1/s",
              List.of(perSecond),
              Goal.atMost(SWITCHES_PER_SECOND)));
    }
  }

  private static List<Path> threads(RunningApp client) {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + client.pid() + "/task"))) {
      return tasks.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long switches(List<Path> threads) {
    return threads.stream().mapToLong(IdleClient::switches).sum();
  }

  private static long switches(Path thread) {
    try {
      return Files.readAllLines(thread.resolve("status")).stream()
          .filter(line -> line.startsWith(SWITCHES))
          .mapToLong(line -> Long.parseLong(line.substring(SWITCHES.length()).strip()))
          .sum();
    } catch (IOException e) {
      // The thread has ended.
      return 0;
    }
  }
}
