// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import io.netrng.posix.ProcessImage;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces the program of this process, or exits.
 *
 * @param keptDescriptors the number of descriptors from the service manager
 */
record ProcessReplacement(int keptDescriptors) implements CloneWatch.Replacement {

  private static final Logger log = LoggerFactory.getLogger(ProcessReplacement.class);

  private static final int SIGUSR1 = 10;
  private static final long CHILD_SECONDS = 5;

  /** EX_TEMPFAIL of sysexits.h: the service manager restarts the app. */
  private static final int RESTART = 75;

  /** The exit status of Java after SIGTERM: 128 and the number of the signal. */
  private static final int TERMINATED = 143;

  @Override
  public void replace(DetectedClone clone) {
    endChildren();
    if (isStopping()) {
      // The manager waits for the end of this process, not for a new program.
      Runtime.getRuntime().halt(TERMINATED);
    }
    // A second request must not end a program that does not handle it yet.
    IOException reason =
        ProcessImage.replace(DetectedClone.VARIABLE, clone.value(), keptDescriptors, SIGUSR1);
    log.atError()
        .addKeyValue("reason", reason.getMessage())
        .addKeyValue("exit-code", RESTART)
        .log("process cannot be replaced, and exits to be restarted");
    Runtime.getRuntime().halt(RESTART);
  }

  /** Returns whether Java ends the process, such as for SIGTERM. It then accepts no hook. */
  private static boolean isStopping() {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> {}));
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  /** Kills the child processes that are left, because the new program would not know them. */
  private static void endChildren() {
    ProcessHandle.current()
        .children()
        .forEach(child -> {
          child.destroyForcibly();
          child
              .onExit()
              .orTimeout(CHILD_SECONDS, TimeUnit.SECONDS)
              .exceptionally(_ -> child)
              .join();
        });
  }
}
