package io.netrng.bench;

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
  private static final int SAMPLE_SIZE_INDEX = 4 + 1 + 1 + 8 + 16;
  private static final int KEEPALIVE_INDEX = SAMPLE_SIZE_INDEX + 4 + 4;
  private static final int PONG_SIZE = 4 + 1 + 8;
  private static final byte HELLO = 1;
  private static final byte REQUEST = 2;
  private static final byte PING = 3;
  private static final byte VERSION = 1;
  private static final int TYPE_INDEX = 4;
  private static final int WELCOME = 0x81;
  private static final int SAMPLE = 0x82;
  private static final int PONG = 0x83;

  private final SocketChannel channel;
  private final ByteBuffer welcome;

  private RawSession(SocketChannel channel) throws IOException {
    this.channel = channel;
    welcome = read(WELCOME, WELCOME_SIZE);
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
      channel.write(hello(guarantee, label.getBytes(StandardCharsets.US_ASCII)));
      return new RawSession(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static ByteBuffer hello(int guarantee, byte[] label) {
    ByteBuffer out = ByteBuffer.allocate(128);
    out.putInt(1 + 1 + 4 + 1 + label.length).put(HELLO).put(VERSION).putInt(guarantee);
    return out.put((byte) label.length).put(label).flip();
  }

  SocketChannel channel() {
    return channel;
  }

  /** Bytes of entropy in each sample. */
  int sampleSize() {
    return welcome.getInt(SAMPLE_SIZE_INDEX);
  }

  long keepaliveMillis() {
    return Integer.toUnsignedLong(welcome.getInt(KEEPALIVE_INDEX));
  }

  /** Asks for samples, at most 2^32 − 1. */
  void request(long samples) throws IOException {
    channel.write(ByteBuffer.allocate(16).putInt(1 + 4).put(REQUEST).putInt((int) samples).flip());
  }

  void awaitSample() throws IOException {
    read(SAMPLE, SAMPLE_HEADER_SIZE + sampleSize());
  }

  /** Sends a PING and waits for its PONG, which must be all that is under way. */
  void ping() throws IOException {
    channel.write(ByteBuffer.allocate(16).putInt(1 + 8).put(PING).putLong(0).flip());
    read(PONG, PONG_SIZE);
  }

  /** Reads a frame whose size is known. */
  private ByteBuffer read(int type, int size) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(size);
    while (in.hasRemaining()) {
      requireOpen(channel.read(in));
      if (in.position() > TYPE_INDEX && Byte.toUnsignedInt(in.get(TYPE_INDEX)) != type) {
        throw new IOException(
            "a frame of type %02x came: %s"
                .formatted(
                    in.get(TYPE_INDEX),
                    new String(in.array(), 0, in.position(), StandardCharsets.US_ASCII)));
      }
    }
    return in;
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
