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
 * <p>Arguments: {@code egd}, {@code egd-deep}, {@code egd-lockstep} or {@code tpm}, the path of the
 * socket, seconds of warm-up, seconds of measurement. The kinds of EGD differ in the size and the
 * number of the requests on the way.
 */
public final class PlainReader {

  private static final int LARGEST_REQUEST = 255;

  /** The requests of QEMU. */
  private static final int QEMU_REQUEST = 64;

  private static final int SHALLOW = 16;
  private static final int DEEP = 512;
  private static final int TPM_HEADER = 12;
  private static final int TPM_BYTES = 64;

  private final SocketChannel socket;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
  private final ByteBuffer requests = ByteBuffer.allocateDirect(2 * DEEP);
  private final int request;
  private final int inFlight;
  private int outstanding;

  private PlainReader(SocketChannel socket, String kind) {
    this.socket = socket;
    boolean isLockstep = kind.equals("egd-lockstep");
    request = isLockstep ? QEMU_REQUEST : LARGEST_REQUEST;
    inFlight = request * (isLockstep ? 1 : kind.equals("egd-deep") ? DEEP : SHALLOW);
  }

  public static void main(String[] args) throws IOException {
    try (SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(args[1]))) {
      PlainReader reader = new PlainReader(socket, args[0]);
      boolean egd = args[0].startsWith("egd");
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
    for (; outstanding <= inFlight - request; outstanding += request) {
      requests.put((byte) 2).put((byte) request);
    }
    if (requests.flip().hasRemaining()) {
      socket.write(requests);
    }
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
