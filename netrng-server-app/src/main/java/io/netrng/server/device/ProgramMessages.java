// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import io.netrng.logging.LogRateLimiter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs the first lines that each run of a program writes to its standard error, and discards the
 * rest, so that the program never waits for a reader. It omits lines that are no text, because they
 * may be random bytes, and lines that the run before has also written. A thread of its own reads
 * each run.
 */
final class ProgramMessages {

  private static final Logger log = LoggerFactory.getLogger(ProgramMessages.class);

  /** The maximum number of lines of each run in the log. */
  static final int MOST_LINES = 5;

  /** The maximum of a line in the log, in bytes. */
  static final int LONGEST_LINE = 200;

  /** Control and format characters, and line separators. */
  private static final Pattern CONTROL = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]+");

  /** Stands for bytes that are no UTF-8. */
  private static final String NOT_TEXT = "\ufffd";

  private final String device;
  private final LogRateLimiter limiter = new LogRateLimiter(System::nanoTime);

  private volatile List<String> linesBefore = List.of();

  /**
   * Creates the log of a device.
   *
   * @param device its name
   */
  ProgramMessages(String device) {
    this.device = device;
  }

  /** Reads the standard error of a process to its end. Does not wait. */
  void readFrom(Process process) {
    Thread.ofPlatform()
        .daemon()
        .name("exec-messages")
        .start(() -> read(process.getErrorStream(), process.pid()));
  }

  /** Reads to the end. */
  void read(InputStream messages, long pid) {
    List<String> lines = new ArrayList<>();
    byte[] line = new byte[LONGEST_LINE];
    int size = 0;
    try (messages) {
      int next = messages.read();
      while (next >= 0 && lines.size() < MOST_LINES) {
        if (next == '\n') {
          add(lines, line, size, pid);
          size = 0;
        } else if (size < line.length) {
          line[size++] = (byte) next;
        }
        next = messages.read();
      }
      add(lines, line, size, pid);
      messages.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      log.atDebug()
          .addKeyValue("device", device)
          .addKeyValue("reason", e.getMessage())
          .log("messages of the program ended");
    }
    linesBefore = lines;
  }

  private void add(List<String> lines, byte[] line, int size, long pid) {
    String decoded = new String(line, 0, size, StandardCharsets.UTF_8);
    if (size == LONGEST_LINE && decoded.endsWith(NOT_TEXT)) {
      decoded = decoded.substring(0, decoded.length() - 1);
    }
    String text = CONTROL.matcher(decoded).replaceAll(" ").strip();
    if (text.isEmpty() || decoded.contains(NOT_TEXT) || lines.size() == MOST_LINES) {
      return;
    }
    lines.add(text);
    if (!linesBefore.contains(text)) {
      limiter.log(
          log.atInfo()
              .addKeyValue("device", device)
              .addKeyValue("pid", pid)
              .addKeyValue("line", text),
          "message of the program");
    }
  }
}
