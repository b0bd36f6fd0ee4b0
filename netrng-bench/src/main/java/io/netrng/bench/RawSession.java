// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import io.netrng.testkit.Message;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A client of an admitted session, with a minimum of code around the socket (docs/protocol.md). */
final class RawSession implements AutoCloseable {

  /** The bytes before the entropy in a SAMPLE. */
  static final int SAMPLE_HEADER_SIZE = 4 + 1 + 8;

  private static final int WELCOME_SIZE = 42;
  private static final int PONG_SIZE = 4 + 1 + 8;

  private final SocketChannel channel;
  private final Message.Welcome welcome;

  private RawSession(SocketChannel channel) throws IOException {
    this.channel = channel;
    welcome = read(Message.Welcome.class, WELCOME_SIZE);
  }

  /** Connects to a server on this machine, sends HELLO and reads WELCOME. */
  static RawSession open(int port, String label) throws IOException {
    return open(port, label, 0, SocketChannel.open());
  }

  /**
   * Connects through a channel that is configured and not yet connected.
   *
   * @param guarantee the requested bytes per second; with 0, the server's policy sets the rate
   */
  static RawSession open(int port, String label, int guarantee, SocketChannel channel)
      throws IOException {
    try {
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.write(ByteBuffer.wrap(new Message.Hello(1, guarantee, label).bytes()));
      return new RawSession(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  SocketChannel channel() {
    return channel;
  }

  /** Bytes of entropy in each sample. */
  int sampleSize() {
    return (int) welcome.sampleSize();
  }

  long keepaliveMillis() {
    return welcome.keepalive();
  }

  /** Requests samples, at most 2^32 − 1. */
  void request(long samples) throws IOException {
    channel.write(ByteBuffer.wrap(new Message.Request(samples).bytes()));
  }

  void awaitSample() throws IOException {
    read(Message.Sample.class, SAMPLE_HEADER_SIZE + sampleSize());
  }

  /** Sends a PING and reads its PONG. No other frame may be in transit. */
  void ping() throws IOException {
    channel.write(ByteBuffer.wrap(new Message.Ping(0).bytes()));
    read(Message.Pong.class, PONG_SIZE);
  }

  /** Reads a frame of a known size. */
  private <M extends Message> M read(Class<M> type, int size) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(size);
    while (in.hasRemaining()) {
      requireOpen(channel.read(in));
      if (in.position() >= Integer.BYTES && in.getInt(0) != size - Integer.BYTES) {
        throw new IOException(
            "a frame of another size came: "
                + new String(in.array(), 0, in.position(), StandardCharsets.US_ASCII));
      }
    }
    return Message.decode(in.position(Integer.BYTES)).as(type);
  }

  /** Returns the result of a read. Throws at the end of the stream. */
  static int requireOpen(int read) throws EOFException {
    if (read < 0) {
      throw new EOFException("the server has closed the connection");
    }
    return read;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
