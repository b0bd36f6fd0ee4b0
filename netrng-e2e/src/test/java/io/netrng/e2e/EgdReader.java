// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** An EGD client that reads as fast as it gets bytes, with several requests outstanding. */
final class EgdReader implements AutoCloseable {

  private static final int REQUESTS = 192;
  private static final int BYTES = 255;
  private static final byte[] BLOCKING_READ = {2, (byte) BYTES};

  private final SocketChannel connection;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final Thread thread;

  EgdReader(Path socket) throws IOException {
    connection = SocketChannel.open(StandardProtocolFamily.UNIX);
    connection.connect(UnixDomainSocketAddress.of(socket));
    thread = Thread.ofPlatform().daemon().name("egd-reader").start(this::run);
  }

  private void run() {
    ByteBuffer answer = ByteBuffer.allocate(REQUESTS * BYTES);
    try {
      for (int i = 0; i < REQUESTS; i++) {
        request();
      }
      for (long answered = 0; connection.read(answer.clear()) >= 0; ) {
        synchronized (received) {
          received.write(answer.array(), 0, answer.position());
        }
        for (; answered < received() / BYTES; answered++) {
          request();
        }
      }
    } catch (IOException e) {
      // The test or the client has closed the connection.
    }
  }

  private void request() throws IOException {
    ByteBuffer request = ByteBuffer.wrap(BLOCKING_READ);
    while (request.hasRemaining()) {
      connection.write(request);
    }
  }

  /** Returns the number of bytes received so far. */
  long received() {
    synchronized (received) {
      return received.size();
    }
  }

  /** Returns whether the connection has ended. */
  boolean hasEnded() {
    return !thread.isAlive();
  }

  /** Returns the bytes received so far. */
  byte[] bytes() {
    synchronized (received) {
      return received.toByteArray();
    }
  }

  @Override
  public void close() throws IOException {
    connection.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
