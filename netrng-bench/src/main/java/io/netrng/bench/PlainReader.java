// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/**
 * Reads an EGD server or a TPM behind a unix socket by the shortest loop, in a separate process. It
 * prints one line: bytes per second.
 *
 * <p>Arguments: {@code egd} or {@code tpm}, the path of the socket, seconds of warm-up, seconds of
 * measurement.
 */
public final class PlainReader {

  private static final int LARGEST_REQUEST = 255;
  private static final int IN_FLIGHT = 16 * LARGEST_REQUEST;
  private static final int TPM_HEADER = 12;
  private static final int TPM_BYTES = 64;

  private final SocketChannel socket;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
  private final ByteBuffer requests = ByteBuffer.allocateDirect(32);
  private int outstanding;

  private PlainReader(SocketChannel socket) {
    this.socket = socket;
  }

  public static void main(String[] args) throws IOException {
    try (SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(args[1]))) {
      PlainReader reader = new PlainReader(socket);
      boolean egd = args[0].equals("egd");
      reader.rate(egd, Long.parseLong(args[2]));
      System.out.println(reader.rate(egd, Long.parseLong(args[3])));
    }
  }

  private long rate(boolean egd, long seconds) throws IOException {
    long begun = System.nanoTime();
    long end = begun + TimeUnit.SECONDS.toNanos(seconds);
    long bytes = 0;
    while (System.nanoTime() < end) {
      bytes += egd ? readEgd() : readTpm();
    }
    return bytes * TimeUnit.SECONDS.toNanos(1) / (System.nanoTime() - begun);
  }

  private int readEgd() throws IOException {
    requests.clear();
    for (; outstanding <= IN_FLIGHT - LARGEST_REQUEST; outstanding += LARGEST_REQUEST) {
      requests.put((byte) 2).put((byte) LARGEST_REQUEST);
    }
    socket.write(requests.flip());
    int bytes = read();
    outstanding -= bytes;
    return bytes;
  }

  private int readTpm() throws IOException {
    requests.clear().putShort((short) 0x8001).putInt(TPM_HEADER).putInt(0x17b);
    socket.write(requests.putShort((short) TPM_BYTES).flip());
    return read() - TPM_HEADER;
  }

  private int read() throws IOException {
    int bytes = socket.read(buffer.clear());
    if (bytes < 0) {
      throw new IOException("the peer closed the connection");
    }
    return bytes;
  }
}
