// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The kernel's counters of a process, from {@code /proc/PID} (proc(5)). */
final class ProcessIo implements AutoCloseable {

  private static final String RCHAR = "rchar: ";
  private static final int FILE_SIZE = 512;

  private final Path proc;
  private final FileChannel io;
  private final ByteBuffer text = ByteBuffer.allocate(FILE_SIZE);

  ProcessIo(long pid) throws IOException {
    proc = Path.of("/proc", String.valueOf(pid));
    // The open file always refers to this process, even if its PID is reused.
    io = FileChannel.open(proc.resolve("io"), StandardOpenOption.READ);
  }

  /** Returns the bytes that the process has read so far, from all files. */
  long rchar() throws IOException {
    int size = Math.max(io.read(text.clear(), 0), 0);
    String content = new String(text.array(), 0, size, StandardCharsets.US_ASCII);
    int end = content.indexOf('\n');
    if (!content.startsWith(RCHAR) || end < 0) {
      throw new IOException(proc + "/io has no rchar");
    }
    return Long.parseLong(content, RCHAR.length(), end, 10);
  }

  /** Returns whether the process sleeps instead of running, from field 3 of {@code stat}. */
  boolean isAsleep() throws IOException {
    String stat = Files.readString(proc.resolve("stat"), StandardCharsets.ISO_8859_1);
    return stat.charAt(stat.lastIndexOf(')') + 2) == 'S';
  }

  @Override
  public void close() throws IOException {
    io.close();
  }
}
