package io.netrng.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Clients that are let in, ask for nothing, and only keep their connections alive, in a process of
 * their own. Prints one line once all are in, and ends by itself.
 *
 * <p>Arguments: port, clients, seconds to stay.
 */
public final class IdleClients {

  private IdleClients() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    int port = Integer.parseInt(args[0]);
    int clients = Integer.parseInt(args[1]);
    long stayNanos = TimeUnit.SECONDS.toNanos(Long.parseLong(args[2]));
    List<RawSession> sessions = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      sessions.add(RawSession.open(port, "idle-" + i));
    }
    System.out.println("all are in");
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < stayNanos) {
      Thread.sleep(sessions.getFirst().keepaliveMillis());
      for (RawSession session : sessions) {
        session.ping();
      }
    }
  }
}
