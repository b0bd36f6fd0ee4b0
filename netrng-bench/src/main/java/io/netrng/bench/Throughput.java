// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.json.JsonMapper;

/** Measures the rate of clients over loopback from a fast source, alternately with iperf3. */
final class Throughput {

  private static final int RUNS = 5;

  /** The first seconds measure the compiler: after two seconds, one client had 0.4 to 1.2 GB/s. */
  private static final String WARM_UP_SECONDS = "8";

  private static final String MEASURED_SECONDS = "2";
  private static final String CLIENT_OF_CERTIFICATES = "load";
  private static final String SAMPLE_SIZE = "2048";
  private static final long START_SECONDS = 60;
  private static final double BITS_PER_BYTE = 8;

  private Throughput() {}

  static List<Row> rows() throws IOException, InterruptedException {
    List<Double> one = new ArrayList<>();
    List<Double> iperf3 = new ArrayList<>();
    List<Double> iperf3OfSamples = new ArrayList<>();
    List<Double> overTls = new ArrayList<>();
    List<Double> hundred = new ArrayList<>();
    List<Double> thousand = new ArrayList<>();
    List<Double> tenThousand = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      one.add(drawnBy(1));
      iperf3.add(iperf3());
      iperf3OfSamples.add(iperf3("--length", SAMPLE_SIZE));
      overTls.add(drawnOverTls());
      hundred.add(drawnBy(100));
      thousand.add(drawnBy(1_000));
      tenThousand.add(drawnBy(10_000));
    }
    return List.of(
        Row.beside("1 client, 2 KiB samples", "B/s", one, "iperf3", iperf3, Goal.atLeast(0.35)),
        Row.beside(
            "1 client against writes of 2 KiB",
            "B/s",
            one,
            "iperf3 -l 2048",
            iperf3OfSamples,
            Goal.atLeast(2)),
        Row.beside("1 client over mutual TLS", "B/s", overTls, "1 client", one, Goal.atLeast(0.5)),
        Row.beside("100 clients together", "B/s", hundred, "1 client", one, Goal.atLeast(0.8)),
        Row.beside("1,000 clients together", "B/s", thousand, "1 client", one, Goal.atLeast(0.75)),
        Row.beside(
            "10,000 clients together", "B/s", tenThousand, "1 client", one, Goal.atLeast(0.5)));
  }

  private static double drawnBy(int clients) throws IOException, InterruptedException {
    try (FastSource source = FastSource.start();
        RunningApp server =
            RunningApp.server(
                "netrng.server.max-clients=" + clients,
                "netrng.server.source.devices=" + source.fifo())) {
      return drawn(server, clients);
    }
  }

  /** Returns the total rate of so many clients, in bytes per second. */
  static double drawn(RunningApp server, int clients) throws IOException, InterruptedException {
    return Command.figure(
        LoadClient.class, server.streamPort(), clients, WARM_UP_SECONDS, MEASURED_SECONDS);
  }

  private static double drawnOverTls() throws IOException, InterruptedException {
    Path certificates = Files.createTempDirectory("netrng-bench");
    Command.run(
        List.of("scripts/certs", certificates.toString(), "127.0.0.1", CLIENT_OF_CERTIFICATES));
    String bundle = "spring.ssl.bundle.pem.netrng.";
    String files = "file:" + certificates + "/";
    try (FastSource source = FastSource.start();
        RunningApp server =
            RunningApp.server(
                "netrng.server.source.devices=" + source.fifo(),
                "netrng.server.tls.bundle=netrng",
                bundle + "keystore.certificate=" + files + "server.crt",
                bundle + "keystore.private-key=" + files + "server.key",
                bundle + "truststore.certificate=" + files + "ca.crt")) {
      return Command.figure(
          TlsLoadClient.class,
          server.streamPort(),
          certificates,
          WARM_UP_SECONDS,
          MEASURED_SECONDS);
    } finally {
      FileSystemUtils.deleteRecursively(certificates);
    }
  }

  private static double iperf3(String... options) throws IOException, InterruptedException {
    String port = Integer.toString(freePort());
    Process server =
        new ProcessBuilder("iperf3", "--server", "--one-off", "--port", port)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      awaitListening(port);
      List<String> client =
          new ArrayList<>(
              List.of(
                  "iperf3",
                  "--client",
                  "127.0.0.1",
                  "--port",
                  port,
                  "--time",
                  MEASURED_SECONDS,
                  "--json"));
      client.addAll(List.of(options));
      String json = Command.run(client);
      return JsonMapper.shared().readTree(json).at("/end/sum_received/bits_per_second").asDouble()
          / BITS_PER_BYTE;
    } finally {
      server.destroy();
      server.waitFor();
    }
  }

  /**
   * Waits without a connection, because a connection would use up the one test that the server
   * serves.
   */
  private static void awaitListening(String port) throws IOException, InterruptedException {
    Command.run(
        List.of(
            "timeout",
            Long.toString(START_SECONDS),
            "sh",
            "-c",
            "until ss --listening --tcp --numeric --no-header 'sport = :%s' | grep -q .; do sleep 0.1; done"
                .formatted(port)));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
