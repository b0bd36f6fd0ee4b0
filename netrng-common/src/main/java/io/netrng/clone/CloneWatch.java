// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import io.netrng.service.PassedDescriptors;
import io.netrng.service.ServiceManager;
import io.netrng.signal.SignalHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.TaskScheduler;

/**
 * Detects that this machine was restored from a snapshot, and replaces the process. A restored
 * machine holds the same memory as its clones: entropy, keys of connections, and the states of
 * random number generators. Only a new program has none of them.
 *
 * <pre>
 *             a signal             the limit permits
 *   Watching ----------> Wiped ------------------------> Replaced
 *                          | ^                              (a new program watches)
 *                          +-+ the limit does not permit yet
 * </pre>
 *
 * All tasks run on the scheduler of periodic tasks.
 */
public final class CloneWatch implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(CloneWatch.class);

  /** The name of the signal that an operator or a hook of a hypervisor sends. */
  private static final String REQUEST = "request";

  private static final String REQUEST_SIGNAL = "USR1";

  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /**
   * The first interval of the checks for fresh entropy; later ones are a part of the time so far.
   */
  private static final Duration CHECK_INTERVAL = Duration.ofMillis(50);

  private static final int CHECK_PART = 20;

  /** The time that a small board needs to start. */
  private static final Duration START_LIMIT = Duration.ofMinutes(3);

  private static final long FREEZE_SECONDS = 2;

  private final boolean detects;
  private final CloneHandler handler;
  private final TaskScheduler scheduler;
  private final ServiceManager manager;
  private final CloneSignals machine;
  private final Replacement replacement;
  private final Optional<DetectedClone> replaced;
  private final List<CloneSignal> signals = new ArrayList<>();
  private volatile DetectedClone last;
  private volatile @Nullable Duration provided;
  private volatile boolean running;
  private boolean isPostponed;
  private @Nullable ScheduledFuture<?> polls;
  private Runnable restoreHandler = () -> {};

  /** Replaces the program of this process. */
  interface Replacement {

    /** Ends this run of the program, and gives the detection to the next one. */
    void replace(DetectedClone clone);
  }

  /**
   * Makes a watch that is not started.
   *
   * @param detects whether to watch the machine; a request is accepted in any case
   * @param scheduler runs all tasks
   * @param manager is notified before a replacement
   */
  public CloneWatch(
      boolean detects, CloneHandler handler, TaskScheduler scheduler, ServiceManager manager) {
    this(
        detects,
        handler,
        scheduler,
        manager,
        PassedDescriptors.ofThisProcess(),
        DetectedClone.parse(System.getenv(DetectedClone.VARIABLE)));
  }

  private CloneWatch(
      boolean detects,
      CloneHandler handler,
      TaskScheduler scheduler,
      ServiceManager manager,
      PassedDescriptors passed,
      Optional<DetectedClone> replaced) {
    this(
        detects,
        handler,
        scheduler,
        manager,
        CloneSignals.ofThisMachine(passed),
        new ProcessReplacement(passed.count()),
        replaced);
  }

  CloneWatch(
      boolean detects,
      CloneHandler handler,
      TaskScheduler scheduler,
      ServiceManager manager,
      CloneSignals machine,
      Replacement replacement,
      Optional<DetectedClone> replaced) {
    this.detects = detects;
    this.handler = handler;
    this.scheduler = scheduler;
    this.manager = manager;
    this.machine = machine;
    this.replacement = replacement;
    this.replaced = replaced;
    last = replaced.orElse(DetectedClone.NONE);
  }

  /** Returns the number of detections, those of replaced programs included. */
  public long detections() {
    return last.count();
  }

  /** Returns the name of the signal of the last detection; empty before the first one. */
  public String lastSignal() {
    return last.signal();
  }

  /** Returns the time since the last detection; empty before the first one. */
  public Optional<Duration> sinceDetection() {
    return last.count() == 0
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(System.nanoTime() - last.at()));
  }

  /** Returns the time from the last detection to fresh entropy; empty until there is some. */
  public Optional<Duration> untilFresh() {
    return Optional.ofNullable(provided);
  }

  /** Returns the names of the signals that are watched. */
  public synchronized List<String> signals() {
    List<String> names = new ArrayList<>(signals.stream().map(CloneSignal::name).toList());
    names.add(REQUEST);
    return names;
  }

  @Override
  public synchronized void start() {
    running = true;
    if (detects) {
      signals.addAll(machine.find(replaced.isPresent()));
    }
    log.atInfo().addKeyValue("signals", signals()).log("watching for clones");
    restoreHandler = SignalHandler.install(REQUEST_SIGNAL, this::request);
    if (!signals.isEmpty()) {
      polls = scheduler.scheduleWithFixedDelay(this::poll, INTERVAL);
    }
    if (replaced.isPresent()) {
      manager.replaced();
      checkProvided();
    }
  }

  private void request() {
    if (running) {
      schedule(() -> detected(REQUEST), Duration.ZERO);
    }
  }

  synchronized void poll() {
    List<String> fired = new ArrayList<>();
    for (Iterator<CloneSignal> rest = signals.iterator(); rest.hasNext(); ) {
      CloneSignal signal = rest.next();
      try {
        if (signal.hasFired()) {
          fired.add(signal.name());
        }
      } catch (IOException e) {
        rest.remove();
        CloneSignals.logMissing(signal.name(), e);
      }
    }
    fired.stream().findFirst().ifPresent(this::detected);
  }

  /** Repeats until the new program has provided entropy. */
  synchronized void checkProvided() {
    Duration time = Duration.ofNanos(System.nanoTime() - last.at());
    if (!handler.hasProvided()) {
      Duration part = time.dividedBy(CHECK_PART);
      schedule(this::checkProvided, part.compareTo(CHECK_INTERVAL) > 0 ? part : CHECK_INTERVAL);
      return;
    }
    provided = time;
    log.atInfo()
        .addKeyValue("signal", last.signal())
        .addKeyValue("after-ms", time.toMillis())
        .log("fresh entropy after a clone");
  }

  private void schedule(Runnable task, Duration delay) {
    Runnable unlessStopped =
        () -> {
          if (running) {
            task.run();
          }
        };
    var _ = scheduler.schedule(unlessStopped, scheduler.getClock().instant().plus(delay));
  }

  private synchronized void detected(String signal) {
    long now = System.nanoTime();
    last = last.next(signal, now);
    provided = null;
    String reseeded = mix();
    handler.wipe();
    Duration pause = last.pause(now);
    boolean isLimited = pause.isPositive();
    log.atWarn()
        .addKeyValue("signal", signal)
        .addKeyValue("kernel-reseed", reseeded)
        .addKeyValue("replaced-after-ms", isLimited ? pause.toMillis() : 0)
        .log("clone detected, replacing the process");
    if (!isLimited) {
      replace();
    } else if (!isPostponed) {
      isPostponed = true;
      schedule(this::replace, pause);
    }
  }

  /** Returns the result for the log. */
  private String mix() {
    OptionalLong generation =
        signals.stream()
            .filter(VmClock.class::isInstance)
            .mapToLong(clock -> ((VmClock) clock).generation())
            .findFirst();
    try {
      CloneMix.apply(generation);
      return "done";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private synchronized void replace() {
    running = false;
    DetectedClone clone = last.replacedAt(System.nanoTime());
    manager.replacing(START_LIMIT);
    try {
      freeze();
      handler.wipe();
      handler.prepareReplacement();
    } catch (InterruptedException | RuntimeException e) {
      log.atError().setCause(e).log("preparation of the replacement failed unexpectedly");
    }
    replacement.replace(clone);
  }

  /** Occupies the threads of the network until the program ends. */
  private void freeze() throws InterruptedException {
    List<Executor> threads = new ArrayList<>();
    handler.networkThreads().forEach(threads::add);
    CountDownLatch frozen = new CountDownLatch(threads.size());
    CountDownLatch never = new CountDownLatch(1);
    threads.forEach(thread ->
        thread.execute(() -> {
          frozen.countDown();
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        }));
    // A thread that hangs sends nothing either.
    var _ = frozen.await(FREEZE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public synchronized void stop() {
    running = false;
    restoreHandler.run();
    if (polls != null) {
      polls.cancel(false);
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
