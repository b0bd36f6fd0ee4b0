// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Admitted clients that request no samples and only keep their connections alive, in a separate
 * process. The process prints one line after all clients are admitted. It ends at the end of its
 * standard input, or when a client loses its connection.
 *
 * <p>Arguments: port, clients.
 */
public final class IdleClients {

  private IdleClients() {}

  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(args[0]);
    int clients = Integer.parseInt(args[1]);
    List<RawSession> sessions = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      sessions.add(RawSession.open(port, "idle-" + i));
    }
    System.out.println("all are in");
    long keepalive = sessions.getFirst().keepaliveMillis();
    try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
      var _ =
          clock.scheduleAtFixedRate(
              () -> ping(sessions), keepalive, keepalive, TimeUnit.MILLISECONDS);
      System.in.transferTo(System.out);
      clock.shutdownNow();
    }
    System.exit(0);
  }

  private static void ping(List<RawSession> sessions) {
    try {
      for (RawSession session : sessions) {
        session.ping();
      }
    } catch (IOException e) {
      System.err.println("an idle client: " + e);
      System.exit(1);
    }
  }
}
