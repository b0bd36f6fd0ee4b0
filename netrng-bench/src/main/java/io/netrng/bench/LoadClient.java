// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Clients that draw samples at the server's full speed and only count the bytes. They run in a
 * separate process, so that they take no time from the server's. It prints one line: bytes per
 * second of entropy over all clients.
 *
 * <p>Arguments: port, clients, seconds of warm-up, seconds of measurement.
 */
public final class LoadClient {

  private static final int RECEIVE_SIZE = 256 * 1024;
  private static final long MOST_IN_ONE_REQUEST = 0xffff_ffffL;

  private LoadClient() {}

  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(args[0]);
    int clients = Integer.parseInt(args[1]);
    long warmUpNanos = TimeUnit.SECONDS.toNanos(Long.parseLong(args[2]));
    long measureNanos = TimeUnit.SECONDS.toNanos(Long.parseLong(args[3]));
    try (Selector selector = Selector.open()) {
      // All clients are admitted before the first one draws, so that the connections do not count.
      List<RawSession> sessions = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        sessions.add(RawSession.open(port, "load-" + i));
      }
      for (RawSession session : sessions) {
        session.channel().configureBlocking(false).register(selector, SelectionKey.OP_READ);
        session.request(MOST_IN_ONE_REQUEST);
      }
      ByteBuffer buffer = ByteBuffer.allocateDirect(RECEIVE_SIZE);
      count(selector, buffer, warmUpNanos);
      long begun = System.nanoTime();
      long bytes = count(selector, buffer, measureNanos);
      double seconds = (System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1);
      int sampleSize = sessions.getFirst().sampleSize();
      System.out.println(
          Math.round(bytes / seconds * sampleSize / (sampleSize + RawSession.SAMPLE_HEADER_SIZE)));
    }
  }

  private static long count(Selector selector, ByteBuffer buffer, long nanos) throws IOException {
    long bytes = 0;
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      for (SelectionKey key : selector.selectedKeys()) {
        SocketChannel channel = (SocketChannel) key.channel();
        bytes += RawSession.requireOpen(channel.read(buffer.clear()));
      }
      selector.selectedKeys().clear();
      selector.select(TimeUnit.SECONDS.toMillis(1));
    }
    return bytes;
  }
}
