// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;

/**
 * Clients on this machine that are never admitted and keep a number of connections to one server
 * open. Of three clients, two send nothing and one sends half a HELLO. Each reconnects at once.
 *
 * <p>As a separate process, it prints one line after all connections are open, and ends at the end
 * of its standard input. Arguments: port, connections.
 */
public final class UnauthenticatedClients implements AutoCloseable {

  private static final byte[] HALF_A_HELLO = {0, 0, 0, 8, 1, 1, 0};
  private static final int OF_WHOM_ONE_SPEAKS = 3;

  private final InetSocketAddress server;
  private final Selector selector = Selector.open();
  private final ByteBuffer thrownAway = ByteBuffer.allocate(1_024);
  private final CountDownLatch missing;
  private final Thread thread;
  private volatile boolean closed;
  private long came;

  /** Starts to connect. */
  public UnauthenticatedClients(int port, int connections) throws IOException {
    server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    missing = new CountDownLatch(connections);
    for (int i = 0; i < connections; i++) {
      connect();
    }
    thread = Thread.ofPlatform().daemon().name("unauthenticated").start(this::live);
  }

  /** Waits until the number of connections made has reached the number to keep open. */
  public void awaitAll() throws InterruptedException {
    missing.await();
  }

  private void connect() throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    // The kernel keeps no state of the connection after it is closed.
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    if (channel.connect(server)) {
      begin(channel.register(selector, SelectionKey.OP_READ));
    } else {
      channel.register(selector, SelectionKey.OP_CONNECT);
    }
  }

  private void begin(SelectionKey connected) throws IOException {
    connected.interestOps(SelectionKey.OP_READ);
    missing.countDown();
    if (came++ % OF_WHOM_ONE_SPEAKS == 0) {
      ((SocketChannel) connected.channel()).write(ByteBuffer.wrap(HALF_A_HELLO));
    }
  }

  private void live() {
    try {
      while (!closed) {
        selector.select(this::serve);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(SelectionKey key) {
    SocketChannel channel = (SocketChannel) key.channel();
    try {
      if (key.isConnectable()) {
        channel.finishConnect();
        begin(key);
      } else if (isSentAway(channel)) {
        channel.close();
        connect();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isSentAway(SocketChannel channel) {
    try {
      return channel.read(thrownAway.clear()) < 0;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Thread.setDefaultUncaughtExceptionHandler((_, e) -> {
      System.err.println("an unauthenticated client: " + e);
      System.exit(1);
    });
    try (UnauthenticatedClients clients =
        new UnauthenticatedClients(Integer.parseInt(args[0]), Integer.parseInt(args[1]))) {
      clients.awaitAll();
      System.out.println("all are there");
      System.in.transferTo(System.out);
    }
    System.exit(0);
  }
}
