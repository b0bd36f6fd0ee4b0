// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Clients of the HTTP entropy API with a connection each, in a separate process. They request the
 * same number of bytes again and again. The process prints a line when all have an answer. One
 * client is measured: it prints a line with its bytes per second, and one with the 99th percentile
 * of its times in milliseconds. More clients run until the end of the standard input.
 *
 * <p>Arguments: port, clients, bytes of each request, seconds of warm-up, seconds of measurement.
 */
public final class HttpClients {

  private static final double PERCENTILE = 0.99;
  private static final double NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int BUFFER = 256 * 1024;

  private HttpClients() {}

  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(args[0]);
    int bytes = Integer.parseInt(args[2]);
    List<Connection> all = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(args[1]); i++) {
      Connection connection = new Connection(port, bytes);
      connection.draw();
      all.add(connection);
    }
    System.out.println("all are there");
    if (all.size() == 1) {
      measure(all.getFirst(), bytes, Long.parseLong(args[3]), Long.parseLong(args[4]));
    } else {
      all.forEach(connection -> Thread.ofVirtual().start(() -> drawForEver(connection)));
      System.in.transferTo(System.out);
    }
    System.exit(0);
  }

  private static void measure(Connection connection, int bytes, long warmUp, long seconds)
      throws IOException {
    times(connection, TimeUnit.SECONDS.toNanos(warmUp));
    long begun = System.nanoTime();
    long[] nanos = times(connection, TimeUnit.SECONDS.toNanos(seconds));
    double elapsed = (System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1);
    System.out.println((double) bytes * nanos.length / elapsed);
    Arrays.sort(nanos);
    System.out.println(nanos[(int) Math.ceil(PERCENTILE * nanos.length) - 1] / NANOS_PER_MILLI);
  }

  private static long[] times(Connection connection, long nanos) throws IOException {
    List<Long> times = new ArrayList<>();
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      long begun = System.nanoTime();
      connection.draw();
      times.add(System.nanoTime() - begun);
    }
    return times.stream().mapToLong(Long::longValue).toArray();
  }

  private static void drawForEver(Connection connection) {
    try {
      while (true) {
        connection.draw();
      }
    } catch (IOException e) {
      System.err.println("a client of the entropy API: " + e);
      System.exit(1);
    }
  }

  /** One connection, whose answers must have status 200 and the requested length. */
  private static final class Connection {

    private final InputStream input;
    private final OutputStream output;
    private final byte[] request;
    private final int bytes;
    private final byte[] buffer = new byte[64 * 1024];

    Connection(int port, int bytes) throws IOException {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      input = new BufferedInputStream(socket.getInputStream(), Math.min(BUFFER, 2 * bytes + 512));
      output = socket.getOutputStream();
      this.bytes = bytes;
      request =
          "GET /v1/random?bytes=%d HTTP/1.1\r\nHost: localhost\r\n\r\n"
              .formatted(bytes)
              .getBytes(StandardCharsets.US_ASCII);
    }

    void draw() throws IOException {
      output.write(request);
      String header = header();
      if (!header.startsWith("HTTP/1.1 200 ")) {
        throw new IOException(header);
      }
      int left = bytes;
      while (left > 0) {
        int read = input.read(buffer, 0, Math.min(left, buffer.length));
        if (read < 0) {
          throw new IOException("the answer is too short");
        }
        left -= read;
      }
    }

    private String header() throws IOException {
      int length = 0;
      while (length < 4
          || buffer[length - 4] != '\r'
          || buffer[length - 2] != '\r'
          || buffer[length - 1] != '\n') {
        int next = input.read();
        if (next < 0) {
          throw new IOException("the connection ended");
        }
        buffer[length++] = (byte) next;
      }
      return new String(buffer, 0, length, StandardCharsets.US_ASCII);
    }
  }
}
