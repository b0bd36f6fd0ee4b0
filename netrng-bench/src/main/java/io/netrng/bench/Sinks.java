// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The rate at which a client without a maximum rate feeds this machine's kernel, and the processing
 * time for it, with the sink kernel and with {@code rngd}.
 */
final class Sinks {

  private static final int RUNS = 3;
  private static final long WARM_UP_SECONDS = 6;
  private static final long MEASURED_SECONDS = 4;
  private static final double MB = 1e6;

  private Sinks() {}

  /**
   * What clients have done in the measured time.
   *
   * @param rate bytes per second that the kernel was given
   * @param cost processing time of the clients and their {@code rngd} in milliseconds per MB
   */
  record Figures(double rate, double cost) {}

  static List<Row> rows() throws IOException, InterruptedException {
    List<Figures> kernel = new ArrayList<>();
    List<Figures> rngd = new ArrayList<>();
    try (FastSource source = FastSource.start();
        RunningApp server = RunningApp.server("netrng.server.source.devices=" + source.fifo())) {
      for (int i = 0; i < RUNS; i++) {
        kernel.add(measure(server, "kernel", "netrng_kernel_fed_bytes_total"));
        rngd.add(measure(server, "rngd", "netrng_rngd_consumed_bytes_total"));
      }
    }
    return List.of(
        Row.beside(
            "kernel fed directly",
            "B/s",
            kernel.stream().map(Figures::rate).toList(),
            "the sink rngd",
            rngd.stream().map(Figures::rate).toList(),
            Goal.atLeast(8)),
        Row.beside(
            "processing time of a client for 1 MB, direct",
            "ms",
            kernel.stream().map(Figures::cost).toList(),
            "the sink rngd",
            rngd.stream().map(Figures::cost).toList(),
            Goal.atMost(0.2)));
  }

  private static Figures measure(RunningApp server, String sink, String fed)
      throws InterruptedException {
    return measure(
        fed,
        List.of(
            List.of(
                "--netrng.client.servers=127.0.0.1:" + server.streamPort(),
                "--netrng.client.max-rate=unlimited",
                "--netrng.client.sink=" + sink)));
  }

  /**
   * Runs clients at the same time, and returns what they do together.
   *
   * @param fed the metric of the bytes that they have fed
   * @param clients the properties of each
   */
  static Figures measure(String fed, List<List<String>> clients) throws InterruptedException {
    List<RunningApp> running = new ArrayList<>();
    try {
      for (List<String> properties : clients) {
        List<String> command = new ArrayList<>(Command.jar("netrng-client"));
        command.add("--server.port=0");
        command.addAll(properties);
        running.add(new RunningApp("client", command, Map.of()));
      }
      running.forEach(RunningApp::awaitStarted);
      TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
      double bytes = fedBytes(running, fed);
      Duration processing = processingTime(running);
      long begun = System.nanoTime();
      TimeUnit.SECONDS.sleep(MEASURED_SECONDS);
      bytes = fedBytes(running, fed) - bytes;
      double seconds = (System.nanoTime() - begun) / 1e9;
      processing = processingTime(running).minus(processing);
      return new Figures(bytes / seconds, processing.toMillis() / (bytes / MB));
    } finally {
      running.forEach(RunningApp::close);
    }
  }

  private static double fedBytes(List<RunningApp> clients, String fed) {
    return clients.stream().mapToDouble(client -> client.metric(fed)).sum();
  }

  /** The processing time of the clients and their children since their start. */
  private static Duration processingTime(List<RunningApp> clients) {
    return clients.stream()
        .map(RunningApp::handle)
        .flatMap(client -> Stream.concat(Stream.of(client), client.descendants()))
        .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
        .reduce(Duration.ZERO, Duration::plus);
  }
}
