// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import io.netrng.client.sink.FeedBuffer;
import io.netrng.logging.LogRateLimiter;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running {@code rngd}: its pipe, its output, and the bytes it has read. Only the supervisor's
 * thread may call its methods.
 */
final class RngdProcess {

  private static final Logger log = LoggerFactory.getLogger(RngdProcess.class);

  private static final Duration SETTLING = Duration.ofMillis(20);
  private static final Duration WATCHING = Duration.ofMillis(250);
  private static final long MUCH = 16 * 1024;
  private static final int STILL_LOOKS = 3;
  private static final int LAST_WORDS_MILLIS = 200;

  private final Process process;
  private final RngdFamily family;
  private final FeedBuffer feed;
  private final RngdTimings timings;
  private final RngdOutput output;
  private final Thread listening;
  private final long startedAt = System.nanoTime();

  private @Nullable RngdPipe tap;
  private boolean fed;
  private long baseline;
  private int still;
  private long progressAt;
  private long lastTaken;
  private boolean hasTaken;

  private RngdProcess(
      Process process,
      RngdFamily family,
      FeedBuffer feed,
      RngdTimings timings,
      LongAdder fipsFailures,
      LogRateLimiter outputLimiter) {
    this.process = process;
    this.family = family;
    this.feed = feed;
    this.timings = timings;
    output = new RngdOutput(process.getInputStream(), process.pid(), fipsFailures, outputLimiter);
    listening = Thread.ofPlatform().daemon().name("rngd-output").start(output);
  }

  /**
   * Starts the program.
   *
   * @param fipsFailures counts the failed FIPS 140-2 tests in its output
   * @param outputLimiter limits the log lines of its output
   * @throws IOException if the program cannot be started
   */
  static RngdProcess start(
      RngdProgram program,
      FeedBuffer feed,
      RngdTimings timings,
      LongAdder fipsFailures,
      LogRateLimiter outputLimiter)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(program.command()).redirectErrorStream(true);
    builder.directory(new File("/"));
    // The client matches its output, so the output must not be translated.
    builder.environment().put("LC_ALL", "C");
    return new RngdProcess(
        builder.start(), program.family(), feed, timings, fipsFailures, outputLimiter);
  }

  long pid() {
    return process.pid();
  }

  /** Returns whether this process has read any bytes that were written to it. */
  boolean hasTaken() {
    return hasTaken;
  }

  Duration age() {
    return Duration.ofNanos(System.nanoTime() - startedAt);
  }

  /**
   * Returns the delay until the next check. It is short while the process reads fast, because
   * demand depends on the observed reads.
   */
  Duration untilNextLook() {
    return !fed || lastTaken > MUCH || feed.inPipe() > MUCH ? SETTLING : WATCHING;
  }

  /** Checks how much the process has read, and whether it has failed. */
  Optional<RngdFailure> look() {
    if (!process.isAlive()) {
      return Optional.of(exitFailure());
    }
    if (output.fault().isPresent()) {
      return output.fault().map(line -> new RngdFailure(FailureReason.REPORTED, line));
    }
    try {
      if (tap == null) {
        tap = RngdPipe.open(process, feed, family.preamble());
      }
      return fed ? watch(tap) : settle(tap);
    } catch (IOException e) {
      return process.isAlive()
          ? stalled("what it takes cannot be seen: " + e.getMessage())
          : Optional.of(exitFailure());
    }
  }

  /**
   * Feeds the process as soon as it waits for its first byte. It has read the bytes counted before
   * from other files.
   */
  private Optional<RngdFailure> settle(RngdPipe tap) throws IOException {
    long rchar = tap.io().rchar();
    still = rchar == baseline && tap.io().isAsleep() ? still + 1 : 0;
    baseline = rchar;
    if (still >= STILL_LOOKS) {
      fed = true;
      progressAt = System.nanoTime();
      feed.open();
      tap.feeding().start();
      return Optional.empty();
    }
    return age().compareTo(timings.stalledAfter()) > 0
        ? stalled(
            "did not wait for its first byte within %d s"
                .formatted(timings.stalledAfter().toSeconds()))
        : Optional.empty();
  }

  private Optional<RngdFailure> watch(RngdPipe tap) throws IOException {
    long now = System.nanoTime();
    lastTaken = feed.taken(tap.io().rchar() - baseline);
    hasTaken |= lastTaken > 0;
    if (lastTaken > 0 || feed.inPipe() == 0) {
      progressAt = now;
    }
    if (!tap.feeding().isAlive()) {
      return stalled("has closed its standard input");
    }
    return now - progressAt > timings.stalledAfter().toNanos()
        ? stalled(
            "took nothing for %d s of %d bytes fed"
                .formatted(timings.stalledAfter().toSeconds(), feed.inPipe()))
        : Optional.empty();
  }

  private static Optional<RngdFailure> stalled(String detail) {
    return Optional.of(new RngdFailure(FailureReason.STALLED, detail));
  }

  private RngdFailure exitFailure() {
    try {
      listening.join(LAST_WORDS_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    RngdFailure exit = RngdFailure.ofExit(process.exitValue());
    return output
        .fault()
        .map(line -> new RngdFailure(FailureReason.REPORTED, line + "; " + exit.detail()))
        .orElse(exit);
  }

  /** Closes its source, then sends SIGTERM, then SIGKILL. */
  void stop() {
    output.quiet();
    try {
      process.getOutputStream().close();
      if (tap != null) {
        tap.close(timings.stopGrace());
      }
      // Process.destroy() would also close its output and lose the last lines.
      if (!ended() && process.toHandle().destroy() && !ended()) {
        log.atWarn().addKeyValue("pid", pid()).log("killing rngd");
        process.toHandle().destroyForcibly();
        ended();
      }
    } catch (IOException e) {
      log.atDebug().addKeyValue("reason", e.getMessage()).log("rngd's pipe cannot be closed");
    } catch (InterruptedException e) {
      process.toHandle().destroyForcibly();
      Thread.currentThread().interrupt();
    } finally {
      feed.close();
    }
  }

  private boolean ended() throws InterruptedException {
    return process.waitFor(timings.stopGrace().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The open files of the process: its kernel counters and the pipe to its standard input. */
  private record RngdPipe(ProcessIo io, Feeder feeder, Thread feeding) {

    static RngdPipe open(Process process, FeedBuffer feed, int preamble) throws IOException {
      ProcessIo io = new ProcessIo(process.pid());
      try {
        Feeder feeder = new Feeder(process.pid(), feed, preamble);
        process.getOutputStream().close();
        return new RngdPipe(
            io, feeder, Thread.ofPlatform().daemon().name("rngd-feeder").unstarted(feeder));
      } catch (IOException e) {
        io.close();
        throw e;
      }
    }

    void close(Duration limit) throws IOException, InterruptedException {
      feeding.interrupt();
      feeder.close();
      feeding.join(limit.toMillis());
      io.close();
    }
  }
}
