// SPDX-License-Identifier: Apache-2.0
package io.netrng.testing;

import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/** Runs the periodic tasks of all tests without Spring, on one thread, as the app does. */
public final class PeriodicTasks {

  public static final TaskScheduler SCHEDULER = scheduler();

  private PeriodicTasks() {}

  private static TaskScheduler scheduler() {
    ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    scheduler.setDaemon(true);
    scheduler.setRemoveOnCancelPolicy(true);
    scheduler.initialize();
    return scheduler;
  }
}
