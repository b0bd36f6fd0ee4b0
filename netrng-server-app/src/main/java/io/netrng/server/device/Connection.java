// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A connection to a daemon through a unix socket or TCP, with time limits. One thread reads and
 * writes. Another thread may close the connection or interrupt that thread, and the read then
 * fails.
 */
final class Connection implements Channel {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);

  private final SocketChannel socket;
  private final Selector selector;
  private final Duration silenceLimit;

  private Connection(SocketChannel socket, Duration silenceLimit) throws IOException {
    this.socket = socket;
    selector = Selector.open();
    this.silenceLimit = silenceLimit;
  }

  /**
   * Connects within 5 s.
   *
   * @param silenceLimit the maximum time that a read waits for a byte
   * @throws IOException with a short reason
   */
  static Connection to(SocketAddress address, Duration silenceLimit) throws IOException {
    if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
      throw new IOException("the name %s has no address".formatted(inet.getHostString()));
    }
    SocketChannel socket =
        address instanceof UnixDomainSocketAddress
            ? SocketChannel.open(StandardProtocolFamily.UNIX)
            : SocketChannel.open();
    try {
      Connection connection = new Connection(socket, silenceLimit);
      connection.connect(address);
      return connection;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private void connect(SocketAddress address) throws IOException {
    try {
      socket.configureBlocking(false);
      SelectionKey key = socket.register(selector, SelectionKey.OP_CONNECT);
      if (!socket.connect(address)) {
        if (!select(CONNECT_LIMIT.toMillis())) {
          throw new IOException("no connection within %d s".formatted(CONNECT_LIMIT.toSeconds()));
        }
        socket.finishConnect();
      }
      key.interestOps(SelectionKey.OP_READ);
    } catch (IOException e) {
      selector.close();
      throw e;
    }
  }

  /** Whether a read would not wait, for a byte or for the end. */
  boolean isReadable() throws IOException {
    return select(0);
  }

  /** Waits for at least one byte. Returns the bytes read, −1 at the end. */
  long read(ByteBuffer[] buffers, int offset, int length) throws IOException {
    long bytes = socket.read(buffers, offset, length);
    long start = System.nanoTime();
    while (bytes == 0) {
      awaitByte(start);
      bytes = socket.read(buffers, offset, length);
    }
    return bytes;
  }

  /** Reads the bytes that have arrived. Returns 0 if there are none, or if the buffers are full. */
  long readNow(ByteBuffer[] buffers, int offset, int length) throws IOException {
    return socket.read(buffers, offset, length);
  }

  private void awaitByte(long start) throws IOException {
    long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    long left = silenceLimit.toMillis() - waited;
    if (left <= 0) {
      throw new IOException("no byte for %d s".formatted(silenceLimit.toSeconds()));
    }
    var _ = select(left);
  }

  /**
   * Waits for an event of the socket.
   *
   * @param millis the maximum; 0 does not wait
   * @return whether there was one
   */
  private boolean select(long millis) throws IOException {
    try {
      int events = millis == 0 ? selector.selectNow(_ -> {}) : selector.select(_ -> {}, millis);
      if (Thread.currentThread().isInterrupted()) {
        throw new ClosedByInterruptException();
      }
      return events > 0;
    } catch (ClosedSelectorException e) {
      throw new AsynchronousCloseException();
    }
  }

  /**
   * Writes requests. They always fit, because few of them are unanswered at any time.
   *
   * @throws IOException if the peer accepts no more
   */
  void write(ByteBuffer requests) throws IOException {
    socket.write(requests);
    if (requests.hasRemaining()) {
      throw new IOException("accepts no more requests");
    }
  }

  @Override
  public boolean isOpen() {
    return socket.isOpen();
  }

  @Override
  public void close() throws IOException {
    try {
      socket.close();
    } finally {
      // Ends a wait. Until then, the socket has only been marked as closed.
      selector.close();
    }
  }
}
