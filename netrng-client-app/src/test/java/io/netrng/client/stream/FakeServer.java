// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.discovery.ServerAddress;
import io.netrng.testkit.Message;
import io.netrng.testkit.RawConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A server whose every byte the test determines. It does not use the tested codec. */
final class FakeServer implements AutoCloseable {

  static final UUID EPOCH = new UUID(0x0123456789abcdefL, 0xfedcba9876543210L);

  private final ServerSocket listener;
  private final List<Connection> accepted = new ArrayList<>();

  FakeServer() {
    this(0);
  }

  FakeServer(int port) {
    this(unbound(), port);
  }

  FakeServer(ServerSocket listener, int port) {
    this(listener, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /** Creates a server at an address of this machine. */
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

  /** Returns the next connection after its HELLO. */
  Connection greeted() throws IOException {
    Connection connection = accept();
    connection.hello = connection.expect(Message.Hello.class);
    return connection;
  }

  Connection accept() throws IOException {
    Connection connection = new Connection(listener.accept());
    accepted.add(connection);
    return connection;
  }

  /** Accepts a TLS connection whose handshake fails. */
  void shakesHandsInVain() throws IOException {
    try (Connection connection = accept()) {
      connection.expect(Message.End.class);
    } catch (SSLException | SocketException e) {
      // The client has sent an alert, or reset the connection.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Connection connection : accepted) {
      connection.close();
    }
  }

  static final class Connection extends RawConnection {

    private Message.@Nullable Hello hello;

    private Connection(Socket socket) throws IOException {
      super(socket);
    }

    Message.Hello hello() {
      return Objects.requireNonNull(hello);
    }

    String applicationProtocol() {
      return ((SSLSocket) socket()).getApplicationProtocol();
    }

    /** Returns the name in SNI. */
    String requestedName() {
      ExtendedSSLSession session = (ExtendedSSLSession) ((SSLSocket) socket()).getSession();
      return ((SNIHostName) session.getRequestedServerNames().getFirst()).getAsciiName();
    }

    long expectRequest() throws IOException {
      return expect(Message.Request.class).samples();
    }

    boolean isClosedByClient() throws IOException {
      drain();
      return true;
    }

    boolean saysByeAndCloses() throws IOException {
      Message message = read();
      while (!(message instanceof Message.Bye || message instanceof Message.End)) {
        message = read();
      }
      return message instanceof Message.Bye && isClosedByClient();
    }

    void welcome(long sampleSize, long guarantee, long keepaliveMillis) throws IOException {
      send(new Message.Welcome(1, 42, EPOCH, sampleSize, guarantee, keepaliveMillis));
    }

    /** Sends a WELCOME of another server or another start. */
    void welcome(UUID epoch, long sampleSize) throws IOException {
      send(new Message.Welcome(1, 42, epoch, sampleSize, 64, 10_000));
    }

    void sample(long offset, byte[] entropy) throws IOException {
      send(new Message.Sample(offset, ByteBuffer.wrap(entropy)));
    }

    void closing(int code, long retryAfterMillis, String reason) throws IOException {
      send(new Message.Close(code, retryAfterMillis, reason));
    }
  }
}
