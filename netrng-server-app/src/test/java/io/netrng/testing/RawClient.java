package io.netrng.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.UUID;
import javax.net.ssl.SSLSocket;

/** A client of the stream protocol that is written from docs/protocol.md and nothing else. */
public final class RawClient implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 15_000;
  private static final int SMALL_BUFFER = 8 * 1024;

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  /** What a server sends. */
  public sealed interface Message {

    /** Type 81. */
    record Welcome(
        int version, long session, UUID epoch, long sampleSize, long guarantee, long keepalive)
        implements Message {}

    /** Type 82. */
    record Sample(long offset, ByteBuffer entropy) implements Message {}

    /** Type 83. */
    record Pong(long value) implements Message {}

    /** Type 84. */
    record Close(int code, long retryAfter, String reason) implements Message {}

    /** Not a frame: the server has shut its sending side. */
    record End() implements Message {}
  }

  /** Connects. */
  public RawClient(InetSocketAddress server) throws IOException {
    this(server, 0);
  }

  private RawClient(InetSocketAddress server, int receiveBuffer) throws IOException {
    socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(server);
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(socket.getOutputStream());
  }

  /** One inside TLS, over a socket that is connected. */
  public static RawClient inside(SSLSocket tls) throws IOException {
    return new RawClient(tls);
  }

  private RawClient(SSLSocket tls) throws IOException {
    socket = tls;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(socket.getOutputStream());
  }

  /** One whose kernel takes little for it, so that it is soon seen that it does not read. */
  public static RawClient withSmallBuffer(InetSocketAddress server) throws IOException {
    return new RawClient(server, SMALL_BUFFER);
  }

  /** Says HELLO. */
  public RawClient hello(long guarantee, String label) throws IOException {
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(payload);
    data.writeByte(1);
    data.writeInt((int) guarantee);
    data.writeByte(label.length());
    data.write(label.getBytes(StandardCharsets.US_ASCII));
    send(0x01, payload.toByteArray());
    return this;
  }

  /** Says HELLO and reads WELCOME. */
  public Message.Welcome join(String label) throws IOException {
    return (Message.Welcome) hello(0, label).read();
  }

  /** Asks for samples. */
  public RawClient request(long samples) throws IOException {
    send(
        0x02,
        new byte[] {
          (byte) (samples >> 24), (byte) (samples >> 16), (byte) (samples >> 8), (byte) samples
        });
    return this;
  }

  /** Sends a PING. */
  public RawClient ping(long value) throws IOException {
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    new DataOutputStream(payload).writeLong(value);
    send(0x03, payload.toByteArray());
    return this;
  }

  /** Says BYE. */
  public RawClient bye() throws IOException {
    send(0x04, new byte[0]);
    return this;
  }

  /** Sends whatever bytes, written in hexadecimal with blanks. */
  public RawClient raw(String hex) throws IOException {
    return raw(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  /** Sends whatever bytes. */
  public RawClient raw(byte[] bytes) throws IOException {
    out.write(bytes);
    return this;
  }

  private void send(int type, byte[] payload) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(frame);
    data.writeInt(1 + payload.length);
    data.writeByte(type);
    data.write(payload);
    out.write(frame.toByteArray());
  }

  /** The next message of the server. */
  public Message read() throws IOException {
    int length;
    try {
      length = in.readInt();
    } catch (EOFException e) {
      return new Message.End();
    }
    int type = in.readUnsignedByte();
    byte[] payload = new byte[length - 1];
    in.readFully(payload);
    DataInputStream data = new DataInputStream(new ByteArrayInputStream(payload));
    return switch (type) {
      case 0x81 ->
          new Message.Welcome(
              data.readUnsignedByte(),
              data.readLong(),
              new UUID(data.readLong(), data.readLong()),
              Integer.toUnsignedLong(data.readInt()),
              Integer.toUnsignedLong(data.readInt()),
              Integer.toUnsignedLong(data.readInt()));
      case 0x82 -> new Message.Sample(data.readLong(), ByteBuffer.wrap(data.readAllBytes()));
      case 0x83 -> new Message.Pong(data.readLong());
      case 0x84 ->
          new Message.Close(
              data.readUnsignedShort(),
              Integer.toUnsignedLong(data.readInt()),
              new String(data.readAllBytes(), StandardCharsets.UTF_8));
      default -> throw new IOException("a frame of type " + type);
    };
  }

  /** The next byte, whatever it belongs to; negative at the end. */
  public int readByte() throws IOException {
    return in.read();
  }

  /** The next message, which is a sample. */
  public Message.Sample sample() throws IOException {
    return (Message.Sample) read();
  }

  /** The next message, which is CLOSE, and nothing behind it. */
  public Message.Close closed() throws IOException {
    Message.Close close = (Message.Close) read();
    Message next = read();
    if (!next.equals(new Message.End())) {
      throw new IOException("behind CLOSE came " + next);
    }
    return close;
  }

  /** Where the client is connected from. */
  public InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /** Resets the connection. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Closes the connection in the usual way. */
  public void disconnect() throws IOException {
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
