package io.netrng.client.stream;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/** A server whose every byte the test decides; it knows the protocol's page and not its codec. */
final class FakeServer implements AutoCloseable {

  static final long EPOCH_HIGH = 0x0123456789abcdefL;
  static final long EPOCH_LOW = 0xfedcba9876543210L;

  private final ServerSocket listener;
  private final List<Socket> accepted = new ArrayList<>();

  FakeServer() {
    this(0);
  }

  FakeServer(int port) {
    this(unbound(), port);
  }

  FakeServer(ServerSocket listener, int port) {
    this(listener, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /** A server at any address of this machine. */
  FakeServer(InetSocketAddress address) {
    this(unbound(), address);
  }

  private FakeServer(ServerSocket listener, InetSocketAddress address) {
    this.listener = listener;
    try {
      listener.bind(address, 50);
      listener.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ServerSocket unbound() {
    try {
      return new ServerSocket();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ServerAddress address() {
    return new ServerAddress("127.0.0.1", listener.getLocalPort());
  }

  /** The next connection, after its HELLO. */
  Connection greeted() throws IOException {
    Connection connection = accept();
    connection.hello = connection.expect(0x01);
    return connection;
  }

  Connection accept() throws IOException {
    Socket socket = listener.accept();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
    accepted.add(socket);
    return new Connection(socket);
  }

  /** Accepts a connection inside TLS with which nothing comes about. */
  void shakesHandsInVain() throws IOException {
    try {
      accept().read();
      throw new AssertionError("a frame came");
    } catch (EOFException | SSLException | SocketException e) {
      accepted.getLast().close();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : accepted) {
      socket.close();
    }
  }

  /** A frame as it came. */
  record Message(int type, ByteBuffer payload) {}

  static final class Connection {

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private Message hello = new Message(0, ByteBuffer.allocate(0));

    private Connection(Socket socket) throws IOException {
      this.socket = socket;
      in = new DataInputStream(socket.getInputStream());
      out = new DataOutputStream(socket.getOutputStream());
    }

    Message hello() {
      return hello;
    }

    String applicationProtocol() {
      return ((SSLSocket) socket).getApplicationProtocol();
    }

    Message read() throws IOException {
      int length = in.readInt();
      int type = in.readUnsignedByte();
      return new Message(type, ByteBuffer.wrap(in.readNBytes(length - 1)));
    }

    Message expect(int type) throws IOException {
      Message message = read();
      if (message.type() != type) {
        throw new AssertionError("frame of type " + message.type() + " instead of " + type);
      }
      return message;
    }

    long expectRequest() throws IOException {
      return expect(0x02).payload().getInt();
    }

    boolean isClosedByClient() throws IOException {
      try {
        while (true) {
          read();
        }
      } catch (EOFException | SocketException e) {
        return true;
      }
    }

    boolean saysByeAndCloses() throws IOException {
      Message message = read();
      while (message.type() != 0x04) {
        message = read();
      }
      return isClosedByClient();
    }

    void sendsNothingFor(Duration time) throws IOException {
      socket.setSoTimeout((int) time.toMillis());
      try {
        Message message = read();
        throw new AssertionError("a frame of type " + message.type());
      } catch (SocketTimeoutException e) {
        socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
      }
    }

    void bytes(byte... bytes) throws IOException {
      out.write(bytes);
      out.flush();
    }

    void frame(int type, ByteBuffer payload) throws IOException {
      ByteBuffer frame = ByteBuffer.allocate(5 + payload.remaining());
      frame.putInt(1 + payload.remaining()).put((byte) type).put(payload);
      bytes(frame.array());
    }

    void welcome(int sampleSize, int guarantee, int keepaliveMillis) throws IOException {
      frame(
          0x81,
          ByteBuffer.allocate(37)
              .put((byte) 1)
              .putLong(42)
              .putLong(EPOCH_HIGH)
              .putLong(EPOCH_LOW)
              .putInt(sampleSize)
              .putInt(guarantee)
              .putInt(keepaliveMillis)
              .flip());
    }

    void sample(long offset, byte[] entropy) throws IOException {
      frame(0x82, sampleOf(offset, entropy));
    }

    static ByteBuffer sampleOf(long offset, byte[] entropy) {
      return ByteBuffer.allocate(8 + entropy.length).putLong(offset).put(entropy).flip();
    }

    void closing(int code, int retryAfterMillis, String reason) throws IOException {
      byte[] words = reason.getBytes(StandardCharsets.UTF_8);
      frame(
          0x84,
          ByteBuffer.allocate(6 + words.length)
              .putShort((short) code)
              .putInt(retryAfterMillis)
              .put(words)
              .flip());
    }

    void disconnect() throws IOException {
      socket.close();
    }
  }
}
