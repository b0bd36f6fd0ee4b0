// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.sink;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The thread of a sink. It performs the sink's tasks in order, and at most one task is delayed. Any
 * thread may call the methods, except {@link #again}, which only a task calls.
 */
public final class SinkThread {

  private final ScheduledThreadPoolExecutor executor;
  private final Consumer<RuntimeException> onFault;
  private volatile boolean running;
  private @Nullable ScheduledFuture<?> next;

  /**
   * Creates the thread, which starts with the first task.
   *
   * @param onFault receives the unexpected exceptions of tasks, on the thread. The executor would
   *     discard them and end the sink
   */
  public SinkThread(String name, Consumer<RuntimeException> onFault) {
    this.onFault = onFault;
    // Not a daemon thread: without a web server, no other thread would keep the client running.
    executor = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name(name).factory());
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Returns the executor of the thread. */
  public Executor executor() {
    return executor;
  }

  /** Returns whether it was started and not stopped. */
  public boolean isRunning() {
    return running;
  }

  /** Starts with this task. */
  public void start(Runnable task) {
    running = true;
    execute(task);
  }

  /** Performs a task, unless the sink was stopped meanwhile. */
  public void execute(Runnable task) {
    executor.execute(() -> guarded(task));
  }

  /** Performs a task after a pause, instead of the task that is delayed now. */
  public void again(Runnable task, Duration pause) {
    if (next != null) {
      next.cancel(false);
    }
    next = executor.schedule(() -> guarded(task), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void guarded(Runnable task) {
    if (!running) {
      return;
    }
    try {
      task.run();
    } catch (RuntimeException e) {
      onFault.accept(e);
    }
  }

  /**
   * Ends with a last task.
   *
   * @param callback is called after it, also if it fails
   */
  public void stop(Runnable task, Runnable callback) {
    running = false;
    executor.execute(() -> {
      try {
        task.run();
        executor.shutdown();
      } finally {
        callback.run();
      }
    });
  }
}
