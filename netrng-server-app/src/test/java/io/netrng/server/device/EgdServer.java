// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The server's side of one EGD connection, which a test controls step by step. */
final class EgdServer implements AutoCloseable {

  private final ServerSocketChannel listener;
  private final UnixDomainSocketAddress address;
  private @Nullable SocketChannel peer;

  EgdServer(Path directory) throws IOException {
    address = UnixDomainSocketAddress.of(directory.resolve("egd"));
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
  }

  UnixDomainSocketAddress address() {
    return address;
  }

  /** Accepts the connection that waits. */
  EgdServer accept() throws IOException {
    SocketChannel accepted = listener.accept();
    accepted.configureBlocking(false);
    peer = accepted;
    return this;
  }

  private SocketChannel peer() {
    return Objects.requireNonNull(peer, "nobody is connected");
  }

  /** Returns the sizes of the requests that have arrived. */
  List<Integer> requests() throws IOException {
    ByteBuffer commands = ByteBuffer.allocate(1024);
    peer().read(commands);
    commands.flip();
    List<Integer> sizes = new ArrayList<>();
    while (commands.hasRemaining()) {
      if (commands.get() != 2) {
        throw new IOException("not a blocking read");
      }
      sizes.add(Byte.toUnsignedInt(commands.get()));
    }
    return sizes;
  }

  void send(int bytes) throws IOException {
    ByteBuffer answer = ByteBuffer.allocate(bytes);
    for (int i = 0; i < bytes; i++) {
      answer.put((byte) i);
    }
    peer().write(answer.flip());
  }

  void disconnect() throws IOException {
    peer().close();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    if (peer != null) {
      peer.close();
    }
  }
}
