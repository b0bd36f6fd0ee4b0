// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.util.FileSystemUtils;

/**
 * Measures the rate at which one EGD client reads the server over a unix socket. The client that
 * waits for each answer, as QEMU does, also reads a responder that generates its bytes itself.
 */
final class EgdListeners {

  private static final int RUNS = 5;
  private static final int WARM_UP_SECONDS = 4;
  private static final int MEASURED_SECONDS = 3;
  private static final double PIPELINED_GOAL = 50e6;

  /** An event loop makes three system calls for each request; the responder makes two. */
  private static final double LOCKSTEP_GOAL = 0.6;

  private EgdListeners() {}

  static List<Row> rows() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("netrng-bench");
    Path socket = directory.resolve("server");
    Path plain = directory.resolve("responder");
    List<Double> pipelined = new ArrayList<>();
    List<Double> lockstep = new ArrayList<>();
    List<Double> plainLockstep = new ArrayList<>();
    try (FastSource source = FastSource.start();
        RunningApp server =
            RunningApp.server(
                "netrng.server.source.devices=" + source.fifo(),
                "netrng.server.egd.listen=" + socket);
        Worker responder = Worker.start(EgdResponder.class, plain)) {
      responder.readLine();
      for (int i = 0; i < RUNS; i++) {
        pipelined.add(rate("egd-deep", socket));
        lockstep.add(rate("egd-lockstep", socket));
        plainLockstep.add(rate("egd-lockstep", plain));
      }
      if (server.metric("netrng_listener_delivered_bytes_total{listener=\"egd\"}") == 0) {
        throw new IllegalStateException("the server has delivered nothing");
      }
    }
    FileSystemUtils.deleteRecursively(directory);
    return List.of(
        Row.alone(
            "1 EGD client, pipelined requests", "B/s", pipelined, Goal.atLeast(PIPELINED_GOAL)),
        Row.beside(
            "1 EGD client, 64 B at a time as QEMU",
            "B/s",
            lockstep,
            "a responder",
            plainLockstep,
            Goal.atLeast(LOCKSTEP_GOAL)));
  }

  private static double rate(String kind, Path socket) throws IOException, InterruptedException {
    return Command.figure(PlainReader.class, kind, socket, WARM_UP_SECONDS, MEASURED_SECONDS);
  }
}
