// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import io.netrng.logging.LogRateLimiter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Copies the output of {@code rngd} into the log, line by line. Finds the lines that mean that
 * {@code rngd} feeds nothing to the kernel. It holds at most {@link #LONGEST_LINE} bytes and reads
 * a longer line in pieces. It also finds a phrase that two pieces share. The rate limit applies to
 * the log only, not to the search.
 */
final class RngdOutput implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(RngdOutput.class);

  /** Each phrase means that {@code rngd} feeds nothing to the kernel. */
  static final List<String> FAULTS =
      List.of(
          "RNDADDENTROPY failed",
          "Initialization Failed",
          "too many FIPS failures",
          "Too many bad blocks",
          "No entropy sources working");

  /**
   * Version 2 writes the first phrase for each block. Versions 5 and 6 write the second if too many
   * blocks fail.
   */
  static final List<String> FIPS_FAILURES =
      List.of("block failed FIPS test", "too many FIPS failures");

  /**
   * Each process writes this at its start, because only root may change it. Kernels since 5.18
   * ignore the value.
   */
  private static final String HARMLESS = "write_wakeup_threshold";

  private static final Pattern FAULT = Pattern.compile(String.join("|", FAULTS));
  private static final Pattern FIPS_FAILURE = Pattern.compile(String.join("|", FIPS_FAILURES));

  /** The longest part of a phrase that the end of a piece can hold, in characters. */
  private static final int CARRIED =
      Stream.concat(FAULTS.stream(), FIPS_FAILURES.stream())
              .mapToInt(String::length)
              .max()
              .orElseThrow()
          - 1;

  private static final Pattern CONTROL_CHARACTERS = Pattern.compile("\\p{Cntrl}+");

  /** In bytes; lines of all families are much shorter. */
  static final int LONGEST_LINE = 4 * 1024;

  /** The maximum of a line in the log, in characters. */
  private static final int LONGEST_SHOWN = 300;

  private final InputStream output;
  private final long pid;
  private final LongAdder fipsFailures;
  private final LogRateLimiter limiter;
  private volatile @Nullable String fault;
  private volatile Level usualLevel = Level.INFO;
  private String last = "";
  private String carried = "";
  private boolean lineIsCounted;

  /**
   * Makes a reader that is not started.
   *
   * @param fipsFailures counts the failed FIPS 140-2 tests in the output
   * @param limiter limits the log lines of all processes together
   */
  RngdOutput(InputStream output, long pid, LongAdder fipsFailures, LogRateLimiter limiter) {
    this.output = output;
    this.pid = pid;
    this.fipsFailures = fipsFailures;
    this.limiter = limiter;
  }

  /** Returns the first line that meant a fault. */
  Optional<String> fault() {
    return Optional.ofNullable(fault);
  }

  /** Logs all further output at debug level, because the process is being stopped. */
  void quiet() {
    usualLevel = Level.DEBUG;
  }

  @Override
  public void run() {
    byte[] line = new byte[LONGEST_LINE];
    int size = 0;
    try (output) {
      for (int next = output.read(); next >= 0; next = output.read()) {
        if (next != '\n') {
          line[size++] = (byte) next;
        }
        if (next == '\n' || size == line.length) {
          handle(new String(line, 0, size, StandardCharsets.UTF_8));
          size = 0;
        }
        if (next == '\n') {
          carried = "";
          lineIsCounted = false;
        }
      }
      handle(new String(line, 0, size, StandardCharsets.UTF_8));
    } catch (IOException e) {
      log.atDebug()
          .addKeyValue("pid", pid)
          .addKeyValue("reason", e.getMessage())
          .log("rngd's output ended");
    }
  }

  private void handle(String piece) {
    String searched = carried + piece;
    if (!lineIsCounted && FIPS_FAILURE.matcher(searched).find()) {
      fipsFailures.increment();
      lineIsCounted = true;
    }
    Matcher match = FAULT.matcher(searched);
    if (fault == null && match.find()) {
      boolean isAtTheStart = carried.isEmpty() && match.end() <= LONGEST_SHOWN;
      fault = shorten(isAtTheStart ? searched : searched.substring(match.start()));
    }
    carried = searched.substring(Math.max(0, searched.length() - CARRIED));
    String shown = shorten(piece);
    // Version 5 writes "read error" and an empty line a hundred times before it exits.
    if (!shown.isEmpty() && !shown.equals(last)) {
      Level level = shown.contains(HARMLESS) ? Level.DEBUG : usualLevel;
      limiter.log(
          log.atLevel(level).addKeyValue("pid", pid).addKeyValue("line", shown), "rngd output");
      last = shown;
    }
  }

  private static String shorten(String line) {
    String start = line.substring(0, Math.min(line.length(), LONGEST_SHOWN));
    return CONTROL_CHARACTERS.matcher(start).replaceAll(" ").strip();
  }
}
