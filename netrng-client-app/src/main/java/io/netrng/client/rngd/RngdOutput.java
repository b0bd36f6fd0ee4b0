package io.netrng.client.rngd;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
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

  /** Version 2 says so of each block, 5 and 6 only when there are too many. */
  private static final Pattern FIPS_FAILURE =
      Pattern.compile("block failed FIPS test|too many FIPS failures");

  private static final int LONGEST_LINE = 300;

  private final BufferedReader lines;
  private final long pid;
  private final LongAdder fipsFailures;
  private volatile @Nullable String fault;
  private volatile Level level = Level.INFO;

  /**
   * Makes a listener that does not listen yet.
   *
   * @param fipsFailures counts the failed FIPS 140-2 tests that are reported
   */
  RngdOutput(BufferedReader lines, long pid, LongAdder fipsFailures) {
    this.lines = lines;
    this.pid = pid;
    this.fipsFailures = fipsFailures;
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
        if (FIPS_FAILURE.matcher(text).find()) {
          fipsFailures.increment();
        }
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
