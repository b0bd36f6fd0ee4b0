// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes TCP connections on to a server, and records the random bytes of each ClientHello. */
final class HelloRecorder implements AutoCloseable {

  /** The headers of record and handshake, the version, and the random bytes (RFC 8446, 4.1.2). */
  private static final int BEFORE_RANDOM = 5 + 4 + 2;

  private static final int RANDOM = 32;

  private final ServerSocket listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
  private final List<String> randoms = new CopyOnWriteArrayList<>();
  private final int server;

  /**
   * Starts to listen.
   *
   * @param server the port of the server
   */
  HelloRecorder(int server) throws IOException {
    this.server = server;
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** The random bytes of all connections so far, in hexadecimal. */
  List<String> randoms() {
    return List.copyOf(randoms);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Thread.ofVirtual().start(() -> pass(client));
      }
    } catch (IOException e) {
      // close() ends the accept.
    }
  }

  private void pass(Socket client) {
    try (client;
        Socket peer = new Socket(InetAddress.getLoopbackAddress(), server)) {
      byte[] begin = new byte[BEFORE_RANDOM + RANDOM];
      new DataInputStream(client.getInputStream()).readFully(begin);
      randoms.add(HexFormat.of().formatHex(begin, BEFORE_RANDOM, begin.length));
      peer.getOutputStream().write(begin);
      Thread back = Thread.ofVirtual().start(() -> copy(peer, client));
      copy(client, peer);
      back.interrupt();
    } catch (IOException e) {
      // One side has closed the connection.
    }
  }

  /** Copies until one side closes, and then closes the other. */
  private static void copy(Socket from, Socket to) {
    try (to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException e) {
      // One side has closed the connection.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
