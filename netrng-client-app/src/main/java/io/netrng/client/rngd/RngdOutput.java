package io.netrng.client.rngd;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Brings what {@code rngd} says into the log, line by line, and listens for the lines that mean
 * that it feeds the kernel nothing.
 */
final class RngdOutput implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(RngdOutput.class);

  private static final List<String> FAULTS =
      List.of(
          "RNDADDENTROPY failed",
          "Initialization Failed",
          "too many FIPS failures",
          "Too many bad blocks",
          "No entropy sources working");
  private static final int LONGEST_LINE = 300;

  private final BufferedReader lines;
  private final long pid;
  private volatile @Nullable String fault;
  private volatile Level level = Level.INFO;

  RngdOutput(BufferedReader lines, long pid) {
    this.lines = lines;
    this.pid = pid;
  }

  /** The first line that meant a fault. */
  Optional<String> fault() {
    return Optional.ofNullable(fault);
  }

  /** From now on what it says is no news: it is being stopped. */
  void quiet() {
    level = Level.DEBUG;
  }

  @Override
  public void run() {
    String last = "";
    try (lines) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String text = line.substring(0, Math.min(line.length(), LONGEST_LINE)).strip();
        // Version 5 says "read error" and an empty line a hundred times before it gives up.
        if (!text.isEmpty() && !text.equals(last)) {
          log.atLevel(level).addKeyValue("pid", pid).addKeyValue("line", text).log("rngd says");
          listen(text);
          last = text;
        }
      }
    } catch (IOException e) {
      log.atDebug()
          .addKeyValue("pid", pid)
          .addKeyValue("reason", e.getMessage())
          .log("rngd's output ended");
    }
  }

  private void listen(String line) {
    if (fault == null && FAULTS.stream().anyMatch(line::contains)) {
      fault = line;
    }
  }
}
