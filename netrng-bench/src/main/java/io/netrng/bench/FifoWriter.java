// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Fills a FIFO with random bytes at a steady rate, in a separate process. Each line of its standard
 * input is the new rate, in bytes per second. The process answers with the number of bytes written
 * so far. It makes up for delays of a busy machine, but not for times without a reader.
 *
 * <p>Argument: the FIFO.
 */
public final class FifoWriter {

  private static final long PIECE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
  private static final int LARGEST_PIECE = 64 * 1024;

  /** The maximum delay that it makes up for. */
  private static final double ARREARS_SECONDS = 1;

  private final AtomicLong written = new AtomicLong();
  private volatile double bytesPerSecond;

  private FifoWriter() {}

  public static void main(String[] args) throws IOException {
    FifoWriter writer = new FifoWriter();
    Path fifo = Path.of(args[0]);
    Thread.ofPlatform().daemon().start(() -> writer.fill(fifo));
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String rate = commands.readLine(); rate != null; rate = commands.readLine()) {
      writer.bytesPerSecond = Double.parseDouble(rate);
      System.out.println(writer.written);
    }
  }

  private void fill(Path fifo) {
    try (OutputStream out = Files.newOutputStream(fifo)) {
      SplittableRandom random = new SplittableRandom();
      double arrears = 0;
      long last = System.nanoTime();
      while (true) {
        LockSupport.parkNanos(PIECE_NANOS);
        long now = System.nanoTime();
        double seconds = (now - last) / (double) TimeUnit.SECONDS.toNanos(1);
        arrears = Math.min(arrears + bytesPerSecond * seconds, bytesPerSecond * ARREARS_SECONDS);
        last = now;
        byte[] piece = new byte[(int) Math.min(arrears, LARGEST_PIECE)];
        random.nextBytes(piece);
        out.write(piece);
        arrears -= piece.length;
        written.addAndGet(piece.length);
      }
    } catch (IOException e) {
      // The reader has closed the FIFO.
    }
  }
}
