// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.sink;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.springframework.context.SmartLifecycle;

/**
 * Feeds the kernel with the bytes of a {@link FeedBuffer}. It opens the buffer while it can consume
 * bytes, and reports what it has consumed, so that demand follows. It retries by itself after a
 * failure. Any thread may call the methods.
 */
public interface Sink extends SmartLifecycle {

  /** Returns the time since it last consumed entropy; empty if it never has. */
  Optional<Duration> sinceTaken();

  /** Returns the longest of the recent waits for entropy; zero before the first entropy. */
  Duration longestWait();

  /** Returns the thread that performs all its tasks. */
  Executor thread();

  /** Starts before the stream, and stops after it. */
  @Override
  default int getPhase() {
    return DEFAULT_PHASE - 1;
  }
}
