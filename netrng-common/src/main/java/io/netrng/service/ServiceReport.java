package io.netrng.service;

import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;

/**
 * Tells the service manager how the app goes: when it serves, when it ends, how it is, and that it
 * lives. A sign of life goes through all threads that must not hang, one after the other, and is
 * sent only if it comes out at the end.
 */
public final class ServiceReport {

  private static final Duration EVERY = Duration.ofSeconds(5);

  /** Signs of life in the time that the watchdog waits for one. */
  private static final int SIGNS = 3;

  private final ServiceManager manager;
  private final ApplicationAvailability availability;
  private final Supplier<? extends Iterable<? extends Executor>> threads;
  private final Supplier<String> status;
  private final AtomicBoolean underWay = new AtomicBoolean();

  /**
   * Makes a report that begins when the app has started.
   *
   * @param threads those that must not hang, once the app has started
   * @param status how the app is, in one line
   */
  public ServiceReport(
      ServiceManager manager,
      ApplicationAvailability availability,
      Supplier<? extends Iterable<? extends Executor>> threads,
      Supplier<String> status) {
    this.manager = manager;
    this.availability = availability;
    this.threads = threads;
    this.status = status;
  }

  /** By now everything listens. */
  @EventListener(ApplicationReadyEvent.class)
  void ready() {
    manager.ready();
    Duration sign = manager.watchdog().dividedBy(SIGNS);
    manager.every(sign.isZero() || sign.compareTo(EVERY) > 0 ? EVERY : sign, this::tick);
  }

  @EventListener(ContextClosedEvent.class)
  void stopping() {
    manager.stopping();
  }

  private void tick() {
    // Only one at a time: before a thread that hangs they would pile up.
    if (underWay.compareAndSet(false, true)) {
      pass(threads.get().iterator());
    }
    manager.status(status.get());
  }

  private void pass(Iterator<? extends Executor> rest) {
    if (rest.hasNext()) {
      try {
        rest.next().execute(() -> pass(rest));
      } catch (RejectedExecutionException _) {
        // The thread has ended, as it does when the app does.
      }
      return;
    }
    underWay.set(false);
    if (availability.getLivenessState() == LivenessState.CORRECT) {
      manager.alive();
    }
  }
}
