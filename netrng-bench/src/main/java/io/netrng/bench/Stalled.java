// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Measures the rate of one client at full speed beside many clients that request one sample at a
 * time and read nothing. It compares this rate with the rate beside as many clients that do read.
 * It also measures the memory that the stalled clients hold. The server has the heap and the
 * compiler of packages.
 */
final class Stalled {

  private static final List<String> AS_PACKAGED =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  /** A quarter of the heap. */
  private static final double MOST_HELD = 64 * 1024 * 1024;

  private static final int[] CLIENTS = {50, 1_000};
  private static final String[] SAMPLE_SIZES = {"2KB", "16B"};
  private static final int RUNS = 3;
  private static final int WARM_UP_SECONDS = 3;
  private static final int MEASURED_SECONDS = 3;

  /** The time until the stalled clients hold their maximum. */
  private static final long FILL_SECONDS = 20;

  private Stalled() {}

  static List<Row> rows() throws IOException, InterruptedException {
    List<Row> rows = new ArrayList<>();
    for (String sampleSize : SAMPLE_SIZES) {
      for (int clients : CLIENTS) {
        List<Double> besideStalled = new ArrayList<>();
        List<Double> besideReading = new ArrayList<>();
        List<Double> held = new ArrayList<>();
        try (RunningApp reading = server(sampleSize, clients);
            RunningApp stalled = server(sampleSize, clients);
            Worker readers = clients(reading, clients, SmallDemandClients.READING);
            Worker others = clients(stalled, clients, SmallDemandClients.STALLED)) {
          TimeUnit.SECONDS.sleep(FILL_SECONDS);
          for (int i = 0; i < RUNS; i++) {
            besideReading.add(drawn(reading));
            besideStalled.add(drawn(stalled));
            held.add(stalled.metric("netrng_write_buffer_bytes"));
          }
          readers.requireAlive();
          others.requireAlive();
        }
        String name = "%,d clients that do not read, %s samples".formatted(clients, sampleSize);
        rows.add(
            Row.beside(
                "1 client beside " + name,
                "B/s",
                besideStalled,
                "the same beside clients that read",
                besideReading,
                Goal.atLeast(0.9)));
        rows.add(Row.alone("memory held by " + name, "B", held, Goal.atMost(MOST_HELD)));
      }
    }
    return rows;
  }

  private static double drawn(RunningApp server) throws IOException, InterruptedException {
    return Command.figure(
        LoadClient.class, server.streamPort(), 1, WARM_UP_SECONDS, MEASURED_SECONDS);
  }

  private static RunningApp server(String sampleSize, int clients)
      throws IOException, InterruptedException {
    List<String> jar = Command.jar("netrng-server");
    List<String> command = new ArrayList<>(jar.subList(0, 1));
    command.addAll(AS_PACKAGED);
    command.addAll(jar.subList(1, jar.size()));
    return RunningApp.server(
        command,
        "netrng.server.max-clients=" + (clients + 1),
        "netrng.server.sample-size=" + sampleSize,
        "netrng.server.source.devices=/dev/urandom");
  }

  private static Worker clients(RunningApp server, int clients, String behaviour)
      throws IOException {
    Worker worker = Worker.start(SmallDemandClients.class, server.streamPort(), clients, behaviour);
    worker.readLine();
    return worker;
  }
}
