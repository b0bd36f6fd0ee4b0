package io.netrng.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Clients that draw samples as fast as a server gives them and only count their bytes: a process of
 * its own, so that it takes no time from the server's. Prints one line: bytes per second of entropy
 * over all clients.
 *
 * <p>Arguments: port, clients, seconds of warm-up, seconds of measurement.
 */
public final class LoadClient {

  private static final int RECEIVE_SIZE = 256 * 1024;
  private static final int WELCOME_LENGTH = 42;
  private static final int SAMPLE_SIZE_INDEX = 4 + 1 + 1 + 8 + 16;
  private static final int HEADER_SIZE = 4 + 1 + 8;
  private static final byte HELLO = 1;
  private static final byte REQUEST = 2;

  private LoadClient() {}

  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(args[0]);
    int clients = Integer.parseInt(args[1]);
    long warmUpNanos = TimeUnit.SECONDS.toNanos(Long.parseLong(args[2]));
    long measureNanos = TimeUnit.SECONDS.toNanos(Long.parseLong(args[3]));
    InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    int sampleSize = 0;
    try (Selector selector = Selector.open()) {
      // All are let in before the first draws, so that connecting does not count.
      for (int i = 0; i < clients; i++) {
        SocketChannel channel = SocketChannel.open(server);
        channel.write(hello(i));
        sampleSize = welcome(channel);
        channel.configureBlocking(false).register(selector, SelectionKey.OP_READ);
      }
      for (SelectionKey key : selector.keys()) {
        ((SocketChannel) key.channel()).write(request());
      }
      ByteBuffer buffer = ByteBuffer.allocateDirect(RECEIVE_SIZE);
      count(selector, buffer, warmUpNanos);
      long begun = System.nanoTime();
      long bytes = count(selector, buffer, measureNanos);
      double seconds = (System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1);
      System.out.println(Math.round(bytes / seconds * sampleSize / (sampleSize + HEADER_SIZE)));
    }
  }

  private static ByteBuffer hello(int client) {
    byte[] label = ("load-" + client).getBytes(StandardCharsets.US_ASCII);
    ByteBuffer out = ByteBuffer.allocate(64);
    out.putInt(1 + 1 + 4 + 1 + label.length).put(HELLO).put((byte) 1).putInt(0);
    return out.put((byte) label.length).put(label).flip();
  }

  /** For as many samples as can be asked for at once. */
  private static ByteBuffer request() {
    return ByteBuffer.allocate(16).putInt(1 + 4).put(REQUEST).putInt(-1).flip();
  }

  private static int welcome(SocketChannel channel) throws IOException {
    ByteBuffer welcome = ByteBuffer.allocate(WELCOME_LENGTH);
    while (welcome.hasRemaining()) {
      requireOpen(channel.read(welcome));
    }
    return welcome.getInt(SAMPLE_SIZE_INDEX);
  }

  private static long count(Selector selector, ByteBuffer buffer, long nanos) throws IOException {
    long bytes = 0;
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      for (SelectionKey key : selector.selectedKeys()) {
        bytes += requireOpen(((SocketChannel) key.channel()).read(buffer.clear()));
      }
      selector.selectedKeys().clear();
      selector.select(TimeUnit.SECONDS.toMillis(1));
    }
    return bytes;
  }

  private static int requireOpen(int read) throws EOFException {
    if (read < 0) {
      throw new EOFException("the server has closed the connection");
    }
    return read;
  }
}
