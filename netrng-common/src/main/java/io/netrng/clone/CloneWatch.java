// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import io.netrng.service.PassedDescriptors;
import io.netrng.service.ServiceManager;
import io.netrng.signal.SignalHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 *             a signal             it is certain, or the limit permits
 *   Watching ----------> Wiped -----------------------------------------> Replaced
 *                          | ^                              (a new program watches)
 *                          +-+ the limit does not permit yet
 * </pre>
 *
 * The limit is for false alarms. A signal that only a restore raises, and a request, are not
 * limited.
 *
 * <p>All tasks run on the scheduler of periodic tasks.
 */
public final class CloneWatch implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(CloneWatch.class);

  /** The name of the signal that an operator or a hook of a hypervisor sends. */
  private static final String REQUEST = "request";

  private static final String REQUEST_SIGNAL = "USR1";

  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /**
   * Starts before all that provides entropy, so that it misses no restore, and stops after it.
   * Source of the server is the first of these.
   */
  private static final int PHASE = DEFAULT_PHASE - 20;

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
      signals.addAll(machine.find(replaced));
    }
    log.atInfo().addKeyValue("signals", signals()).log("watching for clones");
    restoreHandler = SignalHandler.install(REQUEST_SIGNAL, this::request);
    if (!signals.isEmpty()) {
      polls = scheduler.scheduleWithFixedDelay(this::poll, INTERVAL);
    }
    if (replaced.isPresent()) {
      checkProvided();
    }
  }

  private void request() {
    if (running) {
      schedule(() -> detected(REQUEST, true), Duration.ZERO);
    }
  }

  synchronized void poll() {
    List<CloneSignal> fired = new ArrayList<>();
    for (Iterator<CloneSignal> rest = signals.iterator(); running && rest.hasNext(); ) {
      CloneSignal signal = rest.next();
      try {
        if (signal.hasFired()) {
          fired.add(signal);
        }
      } catch (IOException e) {
        rest.remove();
        CloneSignals.logMissing(signal.name(), e);
      }
    }
    fired.stream()
        .max(Comparator.comparing(CloneSignal::isCertain))
        .ifPresent(signal -> detected(signal.name(), signal.isCertain()));
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

  private synchronized void detected(String signal, boolean isCertain) {
    if (!running) {
      // The process is being replaced.
      return;
    }
    long now = System.nanoTime();
    last = last.next(signal, now);
    provided = null;
    String reseeded = mix();
    if (isPostponed && !isCertain) {
      // The replacement that is due is also for this one.
      return;
    }
    handler.wipe();
    Duration pause = isCertain ? Duration.ZERO : last.pause(now);
    isPostponed = pause.isPositive();
    log.atWarn()
        .addKeyValue("signal", signal)
        .addKeyValue("kernel-reseed", reseeded)
        .addKeyValue("replaced-after-ms", isPostponed ? pause.toMillis() : 0)
        .log("clone detected, replacing the process");
    if (isPostponed) {
      schedule(() -> replace(false), pause);
    } else {
      replace(isCertain);
    }
  }

  /** Returns the result for the log. */
  private String mix() {
    try {
      CloneMix.apply(counters().values());
      return "done";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private Map<String, Long> counters() {
    Map<String, Long> counters = new HashMap<>();
    signals.forEach(
        signal -> signal.counter().ifPresent(counter -> counters.put(signal.name(), counter)));
    return counters;
  }

  private synchronized void replace(boolean isCertain) {
    running = false;
    DetectedClone clone = isCertain ? last : last.replacedAt(System.nanoTime());
    attempt(this::freeze);
    attempt(handler::wipe);
    manager.replacing(START_LIMIT);
    attempt(handler::prepareReplacement);
    replacement.replace(clone.with(counters()));
  }

  private interface Step {
    void run() throws InterruptedException;
  }

  private static void attempt(Step step) {
    try {
      step.run();
    } catch (InterruptedException | RuntimeException e) {
      log.atError().setCause(e).log("preparation of the replacement failed unexpectedly");
    }
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

  @Override
  public int getPhase() {
    return PHASE;
  }
}
