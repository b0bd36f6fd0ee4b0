// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the next raw samples of a device: tested, not conditioned, and never given to a client. The
 * reader's thread takes; any thread may close.
 */
final class Tap {

  private final Consumer<SampleBatch> recipient;
  private long left;

  /**
   * Creates a tap.
   *
   * @param samples the number of samples to take, at least one
   * @param recipient owns each batch that it receives, on the reader's thread
   */
  Tap(long samples, Consumer<SampleBatch> recipient) {
    this.recipient = recipient;
    left = samples;
  }

  /** Whether the tap takes more samples. */
  synchronized boolean isOpen() {
    return left > 0;
  }

  /**
   * Takes the first samples of a batch.
   *
   * @return the samples that are not taken; null if all were taken
   */
  @Nullable SampleBatch take(SampleBatch batch) {
    SampleBatch taken = batch;
    SampleBatch rest = null;
    synchronized (this) {
      if (left == 0) {
        return batch;
      }
      if (batch.samples() > left) {
        taken = batch.head((int) left);
        rest = batch.tail((int) left);
      }
      left -= taken.samples();
    }
    recipient.accept(taken);
    return rest;
  }

  /** Takes no more samples. */
  synchronized void close() {
    left = 0;
  }
}
