// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import io.netrng.server.device.Device;
import io.netrng.testkit.Pty;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Locale;

/**
 * Reads a pseudo-terminal as the server does and by a plain loop in turn, and prints both rates in
 * bytes per second. Fails at the first wrong byte. It is a process of its own, which is not a
 * session leader: the plain loop would otherwise acquire the terminal.
 */
final class SerialReader {

  private static final int SIZE = 16 << 20;
  private static final int ROUNDS = 9;
  private static final int BUFFER = 1 << 16;

  private SerialReader() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    byte[] random = new byte[1 << 20];
    new SecureRandom().nextBytes(random);
    double tty = 0;
    double plain = 0;
    for (int round = 0; round < ROUNDS; round++) {
      try (Pty pty = Pty.open()) {
        double ttySeconds;
        try (ReadableByteChannel line = Device.of("tty:" + pty.path()).open(0)) {
          ttySeconds = seconds(pty, line, random);
        }
        // The line stays in raw mode.
        double plainSeconds;
        try (ReadableByteChannel line = FileChannel.open(pty.path(), StandardOpenOption.READ)) {
          plainSeconds = seconds(pty, line, random);
        }
        // The first round warms up.
        tty += round == 0 ? 0 : ttySeconds;
        plain += round == 0 ? 0 : plainSeconds;
      }
    }
    double bytes = (double) SIZE * (ROUNDS - 1);
    System.out.println(String.format(Locale.ROOT, "%.0f %.0f", bytes / tty, bytes / plain));
  }

  private static double seconds(Pty pty, ReadableByteChannel line, byte[] random)
      throws IOException, InterruptedException {
    Thread writer = Thread.ofPlatform().daemon().start(() -> write(pty, random));
    ByteBuffer expected = ByteBuffer.allocateDirect(random.length).put(random).flip();
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    long begun = System.nanoTime();
    for (int done = 0; done < SIZE; ) {
      int limit = Math.min(BUFFER, random.length - done % random.length);
      int read = line.read(buffer.clear().limit(limit));
      if (read < 0 || !buffer.flip().equals(expected.slice(done % random.length, read))) {
        throw new IOException("a wrong byte after " + done);
      }
      done += read;
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    writer.join();
    return seconds;
  }

  private static void write(Pty pty, byte[] random) {
    try {
      for (int done = 0; done < SIZE; done += random.length) {
        pty.write(random);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
