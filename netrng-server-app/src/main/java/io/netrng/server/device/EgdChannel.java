// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Reads an EGD server by the protocol's blocking command: {@code 02 n} is answered by exactly n
 * bytes without a header (egd.pl, "command 2"). Answers come in the order of the requests, so
 * several requests may wait for an answer. Their number adapts to the server. A slow server is
 * asked for a few bytes, so that each answer comes soon and few bytes become old. A fast server, or
 * one behind a long line, always has {@value #MOST_REQUESTS} requests.
 */
final class EgdChannel implements DeviceChannel {

  private static final byte BLOCKING_READ = 2;
  private static final int LARGEST_REQUEST = 255;
  private static final int MOST_REQUESTS = 16;

  /** Bounds of the bytes that are requested and not answered. */
  static final int LEAST_AHEAD = 32;

  static final int MOST_AHEAD = MOST_REQUESTS * LARGEST_REQUEST;

  /** If the requested bytes arrive faster than this, more are requested. */
  private static final long FAST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** If the requested bytes arrive more slowly than this, fewer are requested. */
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  private final Connection connection;
  private final LongSupplier nanoTime;
  private final ByteBuffer requests = ByteBuffer.allocateDirect(2 * MOST_REQUESTS);

  /** The bytes that are requested and not answered. */
  private int outstanding;

  private int ahead = LEAST_AHEAD;
  private int answered;
  private long since;

  /**
   * Reads a connection, which it owns.
   *
   * @param nanoTime a clock of nanoseconds
   */
  EgdChannel(Connection connection, LongSupplier nanoTime) {
    this.connection = connection;
    this.nanoTime = nanoTime;
    since = nanoTime.getAsLong();
  }

  /** Waits for the first byte, and then reads all bytes that have arrived. */
  @Override
  public long read(ByteBuffer[] buffers, int offset, int length) throws IOException {
    if (outstanding > 0 || !connection.isReadable()) {
      request();
    }
    long all = connection.read(buffers, offset, length);
    long bytes = all;
    count(bytes);
    while (bytes > 0 && outstanding > 0) {
      request();
      bytes = connection.readNow(buffers, offset, length);
      count(bytes);
      all += Math.max(0, bytes);
    }
    return all;
  }

  private void count(long bytes) throws IOException {
    if (bytes > outstanding) {
      throw new IOException("the EGD server sent bytes that were not requested");
    }
    if (bytes > 0) {
      outstanding -= (int) bytes;
      adapt((int) bytes);
    }
  }

  /** Requests bytes up to the limit, in requests of full size unless nothing is outstanding. */
  private void request() throws IOException {
    int requested = outstanding;
    requests.clear();
    while (requested == 0 || ahead - requested >= LARGEST_REQUEST) {
      int size = Math.min(LARGEST_REQUEST, ahead - requested);
      requests.put(BLOCKING_READ).put((byte) size);
      requested += size;
    }
    if (requests.flip().hasRemaining()) {
      connection.write(requests);
      outstanding = requested;
    }
  }

  private void adapt(int bytes) {
    answered += bytes;
    if (answered < ahead) {
      return;
    }
    long now = nanoTime.getAsLong();
    long nanos = now - since;
    if (nanos < FAST_NANOS) {
      ahead = Math.min(2 * ahead, ahead < LARGEST_REQUEST ? LARGEST_REQUEST : MOST_AHEAD);
    } else if (nanos > SLOW_NANOS) {
      ahead = Math.max(ahead / 2, LEAST_AHEAD);
    }
    answered = 0;
    since = now;
  }

  @Override
  public End end() throws IOException {
    throw new IOException("the EGD server closed the connection");
  }

  /** The socket stores the answers to earlier requests. */
  @Override
  public boolean stores() {
    return outstanding > 0;
  }

  @Override
  public boolean isOpen() {
    return connection.isOpen();
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
