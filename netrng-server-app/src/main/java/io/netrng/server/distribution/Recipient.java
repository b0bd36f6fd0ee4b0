// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.distribution;

import io.netrng.server.source.SampleBatch;

/** Receives the batches of one subscription. */
public interface Recipient {

  /**
   * Takes ownership of a batch. Called inside the distributor's lock, in the order of the stream:
   * it may only add the batch to a queue.
   */
  void offer(SampleBatch batch);

  /** Reports that batches were offered. Called outside the lock, from any thread. */
  void wake();

  /**
   * Calls {@link Distributor.Subscription#resume()} after this time. The client has reached its
   * ceiling, or more samples are ready than one call should distribute. Called outside the lock,
   * from any thread.
   */
  void resumeAfter(long nanos);
}
