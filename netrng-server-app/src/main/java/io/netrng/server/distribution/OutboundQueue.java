// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.distribution;

import io.netrng.server.source.SampleBatch;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The batches of one subscription that wait for their write. Any thread adds to the queue. A task
 * on the executor of the connection writes all batches of the queue and flushes once. The
 * distributor bounds the memory of the batches until they are acknowledged.
 */
public final class OutboundQueue implements Recipient {

  private final ScheduledExecutorService executor;
  private final Outlet outlet;
  private final Distributor.Subscription subscription;
  private final Queue<SampleBatch> offered = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();

  /** Writes batches to a connection. It is called on the executor only. */
  public interface Outlet {

    /**
     * Takes ownership of a batch, and releases it. Calls {@link OutboundQueue#acknowledge} once it
     * is written or destroyed.
     */
    void write(SampleBatch batch);

    /** Flushes the batches that were written since the last call. */
    void flush();
  }

  /**
   * Subscribes to samples, without demand.
   *
   * @param guarantee bytes per second; 0 is best effort
   * @param ceiling bytes per second, more than 0, or {@link Distributor#NO_CEILING}
   * @param executor runs one task after the other
   */
  public OutboundQueue(
      Distributor distributor,
      long guarantee,
      long ceiling,
      ScheduledExecutorService executor,
      Outlet outlet) {
    this.executor = executor;
    this.outlet = outlet;
    subscription = distributor.subscribe(guarantee, ceiling, this);
  }

  /** The subscription that fills this queue. */
  public Distributor.Subscription subscription() {
    return subscription;
  }

  @Override
  public void offer(SampleBatch batch) {
    offered.add(batch);
  }

  @Override
  public void wake() {
    if (scheduled.compareAndSet(false, true)) {
      executor.execute(this::writeAll);
    }
  }

  @Override
  public void resumeAfter(long nanos) {
    var _ = executor.schedule(subscription::resume, nanos, TimeUnit.NANOSECONDS);
  }

  /** Writes all batches of the queue. Called on the executor. */
  public void writeAll() {
    scheduled.set(false);
    boolean written = false;
    for (SampleBatch batch = offered.poll(); batch != null; batch = offered.poll()) {
      outlet.write(batch);
      written = true;
    }
    if (written) {
      outlet.flush();
    }
  }

  /** Reports that a batch is written or destroyed. May be called from any thread. */
  public void acknowledge(SampleBatch batch) {
    subscription.acknowledge(batch);
  }

  /** Cancels the subscription and destroys the unwritten batches. */
  public void close() {
    subscription.cancel();
    for (SampleBatch batch = offered.poll(); batch != null; batch = offered.poll()) {
      batch.release();
      acknowledge(batch);
    }
  }
}
