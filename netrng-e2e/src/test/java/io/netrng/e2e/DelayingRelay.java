// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Passes TCP connections on to a server on loopback, and delays all bytes in both directions. */
final class DelayingRelay implements AutoCloseable {

  private static final int BUFFER = 64 * 1024;

  private final ServerSocket listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
  private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor();
  private final int server;
  private final Duration delay;

  /**
   * Starts to listen.
   *
   * @param server the port of the server
   * @param delay of each direction
   */
  DelayingRelay(int server, Duration delay) throws IOException {
    this.server = server;
    this.delay = delay;
    Thread.ofVirtual().start(this::accept);
  }

  String address() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket peer = new Socket(InetAddress.getLoopbackAddress(), server);
        Thread.ofVirtual().start(() -> copy(client, peer));
        Thread.ofVirtual().start(() -> copy(peer, client));
      }
    } catch (IOException e) {
      // close() ends the accept.
    }
  }

  private void copy(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER];
    try {
      for (int n = from.getInputStream().read(buffer); n > 0; ) {
        byte[] bytes = Arrays.copyOf(buffer, n);
        later(() -> to.getOutputStream().write(bytes));
        n = from.getInputStream().read(buffer);
      }
    } catch (IOException e) {
      // One side has closed the connection.
    }
    later(to::close);
  }

  private interface Action {
    void run() throws IOException;
  }

  private void later(Action action) {
    var _ =
        writer.schedule(
            () -> {
              action.run();
              return null;
            },
            delay.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    writer.shutdownNow();
  }
}
