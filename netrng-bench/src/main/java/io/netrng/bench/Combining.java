// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The processing time of a client that combines two servers, beside two clients that draw from one
 * server each. All draw at the same rate from each server.
 */
final class Combining {

  private static final int RUNS = 3;
  private static final String FED = "netrng_kernel_fed_bytes_total";

  private Combining() {}

  static List<Row> rows() throws IOException, InterruptedException {
    List<Double> combined = new ArrayList<>();
    List<Double> single = new ArrayList<>();
    try (FastSource one = FastSource.start();
        FastSource other = FastSource.start();
        RunningApp first = RunningApp.server("netrng.server.source.devices=" + one.fifo());
        RunningApp second = RunningApp.server("netrng.server.source.devices=" + other.fifo())) {
      String both = "127.0.0.1:%d,127.0.0.1:%d".formatted(first.streamPort(), second.streamPort());
      for (int i = 0; i < RUNS; i++) {
        combined.add(perSecond(List.of(client(both, "--netrng.client.combine.servers=2"))));
        single.add(perSecond(Stream.of(both.split(",")).map(server -> client(server)).toList()));
      }
    }
    return List.of(
        Row.beside(
            "processing time of a client that combines two servers",
            "ms/s",
            combined,
            "two clients of one server each",
            single,
            Goal.atMost(1.5)));
  }

  private static List<String> client(String servers, String... more) {
    List<String> properties =
        new ArrayList<>(
            List.of(
                "--netrng.client.servers=" + servers,
                "--netrng.client.max-rate=8MB/s",
                "--netrng.client.sink=kernel"));
    properties.addAll(List.of(more));
    return properties;
  }

  private static double perSecond(List<List<String>> clients) throws InterruptedException {
    Sinks.Figures figures = Sinks.measure(FED, clients);
    return figures.cost() * figures.rate() / 1e6;
  }
}
