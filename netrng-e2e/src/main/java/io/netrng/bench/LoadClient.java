package io.netrng.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Draws samples as fast as a server gives them and only counts their bytes: a process of its own,
 * so that it takes no time from the server's. Prints one line: bytes per second of entropy.
 *
 * <p>Arguments: port, seconds of warm-up, seconds of measurement.
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
    long warmUpNanos = TimeUnit.SECONDS.toNanos(Long.parseLong(args[1]));
    long measureNanos = TimeUnit.SECONDS.toNanos(Long.parseLong(args[2]));
    InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try (SocketChannel channel = SocketChannel.open(server)) {
      channel.write(helloAndRequest());
      int sampleSize = welcome(channel);
      ByteBuffer buffer = ByteBuffer.allocateDirect(RECEIVE_SIZE);
      count(channel, buffer, warmUpNanos);
      long begun = System.nanoTime();
      long bytes = count(channel, buffer, measureNanos);
      double seconds = (System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1);
      System.out.println(Math.round(bytes / seconds * sampleSize / (sampleSize + HEADER_SIZE)));
    }
  }

  private static ByteBuffer helloAndRequest() {
    byte[] label = "load".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer out = ByteBuffer.allocate(64);
    out.putInt(1 + 1 + 4 + 1 + label.length).put(HELLO).put((byte) 1).putInt(0);
    out.put((byte) label.length).put(label);
    out.putInt(1 + 4).put(REQUEST).putInt(-1);
    return out.flip();
  }

  private static int welcome(SocketChannel channel) throws IOException {
    ByteBuffer welcome = ByteBuffer.allocate(WELCOME_LENGTH);
    while (welcome.hasRemaining()) {
      requireOpen(channel.read(welcome));
    }
    return welcome.getInt(SAMPLE_SIZE_INDEX);
  }

  private static long count(SocketChannel channel, ByteBuffer buffer, long nanos)
      throws IOException {
    long bytes = 0;
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      bytes += requireOpen(channel.read(buffer.clear()));
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
