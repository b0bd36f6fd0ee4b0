// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.SplittableRandom;

/**
 * An EGD server that answers the blocking command as fast as it can, each request by one write, in
 * a separate process. It prints a line when it listens, and ends at the end of its standard input.
 *
 * <p>Argument: the path of its unix socket.
 */
public final class EgdResponder {

  private static final int BLOCKING_READ = 2;

  private EgdResponder() {}

  public static void main(String[] args) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(args[0]));
    Thread.ofPlatform().daemon().start(() -> accept(listener));
    System.out.println("listening");
    System.in.transferTo(System.out);
    System.exit(0);
  }

  private static void accept(ServerSocketChannel listener) {
    try {
      while (true) {
        SocketChannel peer = listener.accept();
        Thread.ofPlatform().daemon().start(() -> answer(peer));
      }
    } catch (IOException e) {
      System.exit(1);
    }
  }

  private static void answer(SocketChannel peer) {
    SplittableRandom random = new SplittableRandom();
    ByteBuffer answer = ByteBuffer.allocateDirect(256);
    byte[] bytes = new byte[256];
    try (peer) {
      InputStream commands = new BufferedInputStream(Channels.newInputStream(peer));
      for (int command = commands.read(); command == BLOCKING_READ; command = commands.read()) {
        int size = commands.read();
        random.nextBytes(bytes);
        peer.write(answer.clear().put(bytes, 0, size).flip());
      }
    } catch (IOException e) {
      // The reader has closed the connection.
    }
  }
}
