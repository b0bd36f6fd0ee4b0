package io.netrng.server.distribution;

import io.netrng.server.source.SampleBatch;

/** Receives the batches of one subscription. */
public interface Recipient {

  /**
   * Takes over a batch. It is called inside the distributor's lock, in the order of the stream: it
   * may do no more than put the batch into a queue.
   */
  void offer(SampleBatch batch);

  /** Reports that batches were offered. It is called outside the lock, from any thread. */
  void wake();

  /**
   * Calls {@link Distributor.Subscription#resume()} after a while, because the client has reached
   * its ceiling, or because there is more to hand out than one call should. It is called outside
   * the lock, from any thread.
   */
  void resumeAfter(long nanos);
}
