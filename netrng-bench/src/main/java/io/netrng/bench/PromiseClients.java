// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Clients of one server in a separate process. The process prints a line each second: the time in
 * nanoseconds, and the bytes of entropy that each client has received so far. It ends at the end of
 * its standard input, or when a client loses its connection.
 *
 * <p>Arguments: port, then a {@link PromiseClient.Plan} for each client.
 */
public final class PromiseClients {

  private PromiseClients() {}

  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(args[0]);
    List<PromiseClient> clients =
        Arrays.stream(args)
            .skip(1)
            .map(PromiseClient.Plan::parse)
            .map(plan -> new PromiseClient(port, plan))
            .toList();
    clients.forEach(client -> Thread.ofVirtual().start(() -> live(client)));
    try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
      var _ = clock.scheduleAtFixedRate(() -> print(clients), 1, 1, TimeUnit.SECONDS);
      System.in.transferTo(System.out);
      clock.shutdownNow();
    }
    System.exit(0);
  }

  private static void live(PromiseClient client) {
    try {
      client.live();
    } catch (IOException | InterruptedException e) {
      System.err.println(client + ": " + e);
      System.exit(1);
    }
  }

  private static void print(List<PromiseClient> clients) {
    System.out.println(
        System.nanoTime()
            + clients.stream().map(c -> " " + c.received()).collect(Collectors.joining()));
  }
}
