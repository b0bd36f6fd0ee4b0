// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A trivial EGD server, which answers the blocking command at once with the same bytes. */
final class EgdResponder implements AutoCloseable {

  private static final int BLOCKING_READ = 2;

  private final ServerSocketChannel listener;

  EgdResponder(Path socket) throws IOException {
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofPlatform().daemon().name("egd-responder").start(this::accept);
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel peer = listener.accept();
        Thread.ofPlatform().daemon().name("egd-responder").start(() -> answer(peer));
      }
    } catch (IOException e) {
      // The test has ended.
    }
  }

  private static void answer(SocketChannel peer) {
    ByteBuffer answer = ByteBuffer.allocateDirect(256);
    try (peer) {
      InputStream commands = new BufferedInputStream(Channels.newInputStream(peer));
      for (int command = commands.read(); command >= 0; command = commands.read()) {
        assertThat(command).isEqualTo(BLOCKING_READ);
        answer.clear().limit(commands.read());
        while (answer.hasRemaining()) {
          peer.write(answer);
        }
      }
    } catch (IOException e) {
      // QEMU has ended.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
