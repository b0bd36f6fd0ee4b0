// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Clients that request one sample four times a second, and read all received bytes or none, in a
 * separate process. Clients that read nothing first request enough to fill the kernel's buffers.
 * The process prints one line after all clients have connected, and ends at the end of its standard
 * input.
 *
 * <p>Arguments: port, clients, {@code reading} or {@code stalled}.
 */
public final class SmallDemandClients {

  static final String READING = "reading";
  static final String STALLED = "stalled";

  private static final int SMALL_BUFFER = 2_048;
  private static final int RECEIVE_SIZE = 64 * 1024;

  /** More bytes than Linux buffers for a connection without a reader and with a small buffer. */
  private static final int FILLING = 2 * 1024 * 1024;

  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private SmallDemandClients() {}

  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(args[0]);
    int clients = Integer.parseInt(args[1]);
    boolean stalled = args[2].equals(STALLED);
    Thread.ofPlatform().daemon().start(SmallDemandClients::endWithInput);
    try (Selector selector = Selector.open()) {
      List<RawSession> sessions = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BUFFER);
        RawSession session = RawSession.open(port, "small-" + i, 0, channel);
        sessions.add(session);
        channel.configureBlocking(false);
        if (stalled) {
          session.request(FILLING / session.sampleSize());
        } else {
          channel.register(selector, SelectionKey.OP_READ);
        }
      }
      System.out.println("all are connected");
      ask(sessions, selector);
    }
  }

  private static void ask(List<RawSession> sessions, Selector selector) throws IOException {
    ByteBuffer thrownAway = ByteBuffer.allocateDirect(RECEIVE_SIZE);
    long due = System.nanoTime();
    while (true) {
      for (RawSession session : sessions) {
        session.request(1);
      }
      due += TICK_NANOS;
      for (long left = TICK_NANOS; left > 0; left = due - System.nanoTime()) {
        selector.select(
            key -> read((SocketChannel) key.channel(), thrownAway),
            TimeUnit.NANOSECONDS.toMillis(left) + 1);
      }
    }
  }

  private static void read(SocketChannel channel, ByteBuffer thrownAway) {
    try {
      RawSession.requireOpen(channel.read(thrownAway.clear()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void endWithInput() {
    try {
      while (System.in.read() >= 0) {
        // The content of the line is irrelevant.
      }
    } catch (IOException e) {
      // An error ends the process too.
    }
    System.exit(0);
  }
}
