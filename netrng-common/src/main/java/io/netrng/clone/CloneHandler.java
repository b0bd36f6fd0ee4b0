// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import java.util.concurrent.Executor;

/** What an app does when its machine was restored from a snapshot. One thread calls it. */
public interface CloneHandler {

  /** Returns the threads that send to the network. Clones must send nothing from copied state. */
  Iterable<? extends Executor> networkThreads();

  /** Destroys the entropy that the process holds. Clones hold the same. */
  void wipe();

  /**
   * Ends what must not outlive this run of the program, such as child processes, and writes what
   * must not be lost. The threads of the network no longer run.
   */
  void prepareReplacement() throws InterruptedException;

  /** Returns whether the app has provided entropy since its start. */
  boolean hasProvided();
}
