// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.LongestWait;
import io.netrng.client.sink.Sink;
import io.netrng.client.sink.SinkThread;
import io.netrng.logging.LogRateLimiter;
import io.netrng.startup.StartupException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one {@code rngd} running and fed. One thread performs all tasks in order.
 *
 * <pre>
 *              start                fails
 *   Stopped ----------&gt; Running --------------&gt; Failed
 *      ^                   |  ^                  |  |
 *      |       stop        |  +------------------+  |
 *      +-------------------+    after a pause that  |
 *      |                        doubles each time   |
 *      +--------------------------------------------+
 * </pre>
 *
 * The pauses start again from the first value after a process has read entropy for a minute.
 */
public final class RngdSupervisor implements Sink {

  private static final Logger log = LoggerFactory.getLogger(RngdSupervisor.class);

  private final RngdLocator locator;
  private final FeedBuffer feed;
  private final RngdTimings timings;
  private final SinkThread thread;
  private final Map<FailureReason, AtomicLong> failures = new EnumMap<>(FailureReason.class);
  private final AtomicLong launches = new AtomicLong();
  private final LongAdder fipsFailures = new LongAdder();

  /** Shared by all processes, because one that floods its output can be restarted often. */
  private final LogRateLimiter outputLimiter = new LogRateLimiter(System::nanoTime);

  private volatile RngdState state = new RngdState.Stopped();
  private volatile @Nullable Long takenAt;
  private final LongestWait longestWait = new LongestWait(System.nanoTime());

  private @Nullable RngdProcess process;
  private Optional<RngdFailure> lastFailure = Optional.empty();
  private int failuresInRow;

  RngdSupervisor(RngdLocator locator, FeedBuffer feed, RngdTimings timings) {
    this.locator = locator;
    this.feed = feed;
    this.timings = timings;
    for (FailureReason reason : FailureReason.values()) {
      failures.put(reason, new AtomicLong());
    }
    thread = new SinkThread("rngd", this::onFault);
  }

  /** Returns the current state. */
  public RngdState state() {
    return state;
  }

  /** Returns the number of starts after the first. */
  public long restarts() {
    return Math.max(0, launches.get() - 1);
  }

  /** Returns the number of failures for that reason. */
  public long failures(FailureReason reason) {
    return failures.getOrDefault(reason, new AtomicLong()).get();
  }

  /** Returns the number of failed FIPS 140-2 tests in the output of all processes. */
  public long fipsFailures() {
    return fipsFailures.sum();
  }

  @Override
  public Optional<Duration> sinceTaken() {
    return Optional.ofNullable(takenAt).map(at -> Duration.ofNanos(System.nanoTime() - at));
  }

  @Override
  public Duration longestWait() {
    return longestWait.duration();
  }

  @Override
  public Executor thread() {
    return thread.executor();
  }

  @Override
  public void start() {
    thread.start(this::launch);
  }

  @Override
  public void stop(Runnable callback) {
    thread.stop(this::end, callback);
  }

  /** Required by SmartLifecycle; Spring calls {@link #stop(Runnable)}. */
  @Override
  public void stop() {
    stop(() -> {});
  }

  @Override
  public boolean isRunning() {
    return thread.isRunning();
  }

  private void end() {
    if (process != null) {
      process.stop();
      process = null;
    }
    feed.clear();
    state = new RngdState.Stopped();
    log.atInfo().log("rngd stopped");
  }

  private void launch() {
    RngdProcess started;
    RngdProgram program;
    try {
      program = locator.locate();
      started = RngdProcess.start(program, feed, timings, fipsFailures, outputLimiter);
    } catch (StartupException | IOException e) {
      fail(new RngdFailure(FailureReason.UNUSABLE, String.valueOf(e.getMessage())));
      return;
    }
    launches.incrementAndGet();
    process = started;
    state =
        new RngdState.Running(
            program,
            started.pid(),
            Instant.now(),
            lastFailure.filter(failure -> failure.reason() != FailureReason.KILLED));
    log.atInfo()
        .addKeyValue("pid", started.pid())
        .addKeyValue("family", program.family().label())
        .addKeyValue("command", String.join(" ", program.command()))
        .log("rngd started");
    thread.again(this::look, started.untilNextLook());
  }

  private void look() {
    RngdProcess current = process;
    if (current == null) {
      return;
    }
    long before = feed.consumedBytes();
    Optional<RngdFailure> failure = current.look();
    if (feed.consumedBytes() > before) {
      long now = System.nanoTime();
      takenAt = now;
      longestWait.end(now);
    }
    if (failure.isPresent()) {
      process = null;
      fail(failure.get());
      current.stop();
      return;
    }
    if (current.hasTaken()) {
      clearFailure(current);
    }
    thread.again(this::look, current.untilNextLook());
  }

  private void clearFailure(RngdProcess current) {
    if (state instanceof RngdState.Running(var program, var pid, var since, var unresolved)
        && unresolved.isPresent()) {
      state = new RngdState.Running(program, pid, since, Optional.empty());
      log.atInfo().addKeyValue("pid", pid).log("rngd consumes entropy again");
    }
    if (current.age().compareTo(timings.healthyAfter()) > 0) {
      failuresInRow = 0;
    }
  }

  private void fail(RngdFailure failure) {
    failures.getOrDefault(failure.reason(), new AtomicLong()).incrementAndGet();
    failuresInRow++;
    lastFailure = Optional.of(failure);
    Duration pause = timings.pause(failure.reason(), failuresInRow);
    state = new RngdState.Failed(failure, Instant.now().plus(pause));
    log.atWarn()
        .addKeyValue("reason", failure.reason().externalName())
        .addKeyValue("detail", failure.detail())
        .addKeyValue("retry-after-ms", pause.toMillis())
        .log("rngd failed");
    thread.again(this::launch, pause);
  }

  private void onFault(RuntimeException e) {
    log.atError().setCause(e).log("supervision of rngd failed unexpectedly");
    if (process != null) {
      process.stop();
      process = null;
    }
    fail(new RngdFailure(FailureReason.UNUSABLE, "a fault of the client: " + e));
  }
}
