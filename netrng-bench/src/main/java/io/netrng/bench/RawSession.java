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

/** A client that was let in, with as little around the socket as can be (docs/protocol.md). */
final class RawSession implements AutoCloseable {

  /** What stands before the entropy in a SAMPLE, in bytes. */
  static final int SAMPLE_HEADER_SIZE = 4 + 1 + 8;

  private static final int WELCOME_SIZE = 42;
  private static final int PONG_SIZE = 4 + 1 + 8;

  private final SocketChannel channel;
  private final Message.Welcome welcome;

  private RawSession(SocketChannel channel) throws IOException {
    this.channel = channel;
    welcome = read(Message.Welcome.class, WELCOME_SIZE);
  }

  /** Connects to a server on this machine, says HELLO and waits for WELCOME. */
  static RawSession open(int port, String label) throws IOException {
    return open(port, label, 0, SocketChannel.open());
  }

  /**
   * The same over a channel that is prepared and not connected yet.
   *
   * @param guarantee bytes per second that are asked for; 0 is what the server's policy gives
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

  /** Asks for samples, at most 2^32 − 1. */
  void request(long samples) throws IOException {
    channel.write(ByteBuffer.wrap(new Message.Request(samples).bytes()));
  }

  void awaitSample() throws IOException {
    read(Message.Sample.class, SAMPLE_HEADER_SIZE + sampleSize());
  }

  /** Sends a PING and waits for its PONG, which must be all that is under way. */
  void ping() throws IOException {
    channel.write(ByteBuffer.wrap(new Message.Ping(0).bytes()));
    read(Message.Pong.class, PONG_SIZE);
  }

  /** Reads a frame whose size is known. */
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

  /** What a read gave, unless it is the end. */
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
