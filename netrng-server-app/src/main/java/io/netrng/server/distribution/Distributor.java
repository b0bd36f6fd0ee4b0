// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.distribution;

import io.netrng.rate.TokenBucket;
import io.netrng.server.source.SampleBatch;
import io.netrng.server.source.SampleBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler: distributes the samples of the released stream to the subscriptions with demand,
 * in the order of the fair queue. It owns the queue and the state of every subscription, under one
 * lock. Readers and event loops call it from their own threads; the lock is held for one operation
 * of the heap at a time.
 */
public final class Distributor {

  /** The ceiling of a client without a limit, in bytes per second. */
  public static final long NO_CEILING = Long.MAX_VALUE;

  /** The burst of a ceiling: the bytes of this time, and at least one sample. */
  private static final double CEILING_DEPTH_SECONDS = 0.25;

  /**
   * After this many batches the recipients are notified, and an event loop returns to its own
   * connections.
   */
  private static final int BATCHES_AT_ONCE = 64;

  /**
   * The maximum device time of one batch for all clients together, in seconds. The batch of each
   * client is its share of it, or one sample.
   */
  private static final double BATCH_SECONDS = 1;

  /** A client that holds memory and completes no write for this time is stalled. */
  private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final SampleBuffer stream;
  private final LongSupplier nanoTime;
  private final MemoryBudget budget;

  /** A flow represents the subscriptions that take turns in it and wait for samples. */
  private final FairQueue<Queue<Subscription>> queue = new FairQueue<>(SampleBuffer.LONGEST_BATCH);

  /**
   * All best-effort subscriptions together. A separate flow for each, with a tiny weight, would
   * break the guarantees, because its service would be long for its weight.
   */
  private final FairQueue.Flow<Queue<Subscription>> bestEffort;

  /** Guards the queue and the state of all subscriptions. */
  private final Object lock = new Object();

  private final Set<Subscription> subscriptions = new HashSet<>();
  private int bestEffortSubscriptions;
  private long guarantees;
  private double capacity = Double.NaN;
  private double headroom;
  private double readRate;

  private volatile LongConsumer onServed = nanos -> {};

  /**
   * Creates the only distributor of a stream.
   *
   * @param nanoTime a clock for the ceilings, in nanoseconds
   * @param mostInFlight the maximum memory of samples handed out to a client and not yet written to
   *     its socket, in bytes (or one sample, if that is more)
   * @param memory the maximum of all clients together, in bytes, plus one sample each; divided by
   *     {@link MemoryBudget}
   * @param maxClients the maximum number of connected clients
   */
  public Distributor(
      SampleBuffer stream, LongSupplier nanoTime, long mostInFlight, long memory, int maxClients) {
    this.stream = stream;
    this.nanoTime = nanoTime;
    budget = new MemoryBudget(mostInFlight, memory, maxClients);
    bestEffort = newFlow(1);
    weigh();
    stream.onRelease(this::distributeAll);
  }

  /**
   * Sets the rate that the devices provide. The weight of all best-effort clients together is the
   * headroom. While the capacity is 0 or unknown, its last value applies. Before the first value,
   * the weight of best effort relative to the guarantees is that of the headroom.
   *
   * @param bytesPerSecond all devices together; 0 or NaN if it is unknown
   * @param headroomFraction the part of it that is never guaranteed, from 0 to less than 1
   */
  public void setCapacity(double bytesPerSecond, double headroomFraction) {
    synchronized (lock) {
      headroom = headroomFraction;
      if (bytesPerSecond > 0) {
        capacity = bytesPerSecond;
      }
      weigh();
    }
  }

  /**
   * Sets the rate of the devices' released bytes during reads, which bounds the length of a batch.
   * It differs from the capacity, which is measured only while clients take all bytes of the
   * devices; a fast device is not used that much. Until there is a value, a batch is one sample.
   * While no device is read, the last value applies.
   *
   * @param bytesPerSecond all devices together; 0 if it is unknown
   */
  public void setReadRate(double bytesPerSecond) {
    synchronized (lock) {
      if (bytesPerSecond > 0) {
        readRate = bytesPerSecond;
        weigh();
      }
    }
  }

  /** Updates the values that depend on the rates and the subscriptions; under the lock. */
  private void weigh() {
    boolean known = capacity > 0;
    double ofBestEffort = Math.max(1, headroom * (known ? capacity : guarantees / (1 - headroom)));
    queue.setWeight(bestEffort, ofBestEffort);
    double weights = guarantees + (bestEffortSubscriptions > 0 ? ofBestEffort : 0);
    queue.setHorizon(BATCH_SECONDS * readRate / Math.max(1, weights));
  }

  /**
   * Sets the listener that receives each batch's waiting time, in nanoseconds. A client waits from
   * the later of two times: its last batch, or the moment when it had demand and was allowed
   * samples. The listener is called outside the lock.
   */
  public void onServed(LongConsumer listener) {
    onServed = listener;
  }

  /** The waiting time of the next best-effort client, in nanoseconds; 0 without one. */
  public long bestEffortWait() {
    synchronized (lock) {
      Subscription next = bestEffort.subject().peek();
      return next == null ? 0 : nanoTime.getAsLong() - next.waitingSince;
    }
  }

  /**
   * Finds the stalled clients, and excludes their use of their equal parts from the slack of the
   * {@link MemoryBudget}. Called once per second.
   */
  public void findStalled() {
    synchronized (lock) {
      long now = nanoTime.getAsLong();
      double part = budget.equalPart();
      budget.setStalled(
          subscriptions.stream()
              .filter(s -> s.isStalled(now))
              .mapToDouble(s -> Math.min((double) s.inFlight, part))
              .sum());
    }
  }

  /** The memory of samples that are handed out to all clients and not yet written, in bytes. */
  public long inFlight() {
    synchronized (lock) {
      return budget.held();
    }
  }

  /**
   * Adds a client, without demand.
   *
   * @param guarantee its rate in bytes per second, which is its weight in the queue; 0 is best
   *     effort
   * @param ceiling its maximum rate, in bytes per second, more than 0, or {@link #NO_CEILING}
   */
  public Subscription subscribe(long guarantee, long ceiling, Recipient recipient) {
    synchronized (lock) {
      count(guarantee, 1);
      Subscription added = new Subscription(guarantee, ceiling, recipient);
      subscriptions.add(added);
      budget.join();
      return added;
    }
  }

  /**
   * Distributes until no sample is ready or no demand remains, because no other thread may do the
   * rest.
   */
  void distributeAll() {
    boolean more = true;
    while (more) {
      more = distributeSome();
    }
  }

  /** Returns whether more samples may be available. */
  boolean distributeSome() {
    List<Service> served = new ArrayList<>();
    boolean more = true;
    for (int i = 0; more && i < BATCHES_AT_ONCE; i++) {
      synchronized (lock) {
        more = distributeOne(served);
      }
    }
    for (Service service : served) {
      service.subscription.notifyRecipient();
      onServed.accept(service.waited);
    }
    return more;
  }

  /** Returns whether a sample was ready and a subscription waited for it. */
  private boolean distributeOne(List<Service> served) {
    FairQueue.Flow<Queue<Subscription>> head = queue.head();
    if (head == null) {
      stream.demandEnded();
      return false;
    }
    Queue<Subscription> waiting = head.subject();
    Subscription next = waiting.element();
    int turns = head == bestEffort ? bestEffortSubscriptions : 1;
    long fairShare = queue.longestService(head, turns) / stream.sampleSize();
    long free = budget.free(next.inFlight, next.written);
    SampleBatch batch = stream.poll(Math.min(next.mostSamples(free), fairShare), free);
    if (batch == null) {
      return false;
    }
    served.add(new Service(next, next.take(batch)));
    waiting.remove();
    if (next.meter.isWaiting()) {
      waiting.add(next);
    }
    queue.serveHead(batch.size(), !waiting.isEmpty());
    return true;
  }

  /** An offered batch, and the time that its client waited for it, in nanoseconds. */
  private record Service(Subscription subscription, long waited) {}

  private FairQueue.Flow<Queue<Subscription>> newFlow(double weight) {
    return queue.newFlow(new ArrayDeque<>(1), weight, stream.sampleSize());
  }

  private void count(long guarantee, int change) {
    guarantees += change * guarantee;
    bestEffortSubscriptions += guarantee == 0 ? change : 0;
    weigh();
  }

  /** The subscription of one client, with its state. All methods may be called from any thread. */
  public final class Subscription {

    private final Recipient recipient;
    private final ShortfallMeter meter;
    private FairQueue.Flow<Queue<Subscription>> flow;
    private long guarantee;
    private @Nullable TokenBucket ceiling;
    private long demand;
    private long inFlight;
    private long written;
    private long waitingSince;

    /** The time of the last write, or of the last offer without other batches in flight. */
    private long progressAt;

    private boolean paused;
    private boolean cancelled;

    private Subscription(long guarantee, long ceiling, Recipient recipient) {
      this.recipient = recipient;
      this.guarantee = guarantee;
      meter = new ShortfallMeter(guarantee, stream.sampleSize());
      flow = flowOf(guarantee);
      this.ceiling = bucketOf(ceiling);
    }

    private FairQueue.Flow<Queue<Subscription>> flowOf(long rate) {
      return rate == 0 ? bestEffort : newFlow((double) rate);
    }

    private @Nullable TokenBucket bucketOf(long rate) {
      double depth = Math.max(stream.sampleSize(), rate * CEILING_DEPTH_SECONDS);
      return rate == NO_CEILING ? null : new TokenBucket(rate, depth, nanoTime.getAsLong());
    }

    /** Adds to the demand, which saturates at 2^63 − 1. */
    public void request(long samples) {
      synchronized (lock) {
        demand = demand > Long.MAX_VALUE - samples ? Long.MAX_VALUE : demand + samples;
        activate();
      }
      distributeForOwnLoop();
    }

    /** Reports that an offered batch is written or destroyed. */
    public void acknowledge(SampleBatch batch) {
      synchronized (lock) {
        hold(-batch.memory());
        written += batch.size();
        progressAt = nanoTime.getAsLong();
        activate();
      }
      distributeForOwnLoop();
    }

    /**
     * Resumes after the time given to {@link Recipient#resumeAfter}; an early call has no effect.
     */
    public void resume() {
      synchronized (lock) {
        paused = ceiling != null && ceiling.available(nanoTime.getAsLong()) < stream.sampleSize();
        activate();
      }
      distributeForOwnLoop();
    }

    /**
     * Sets other rates, as if the client had just been added: deliveries at the old rates neither
     * advance nor delay later ones.
     *
     * @param newGuarantee in bytes per second; 0 is best effort
     * @param newCeiling in bytes per second, more than 0, or {@link #NO_CEILING}
     */
    public void change(long newGuarantee, long newCeiling) {
      synchronized (lock) {
        deactivate();
        if (!cancelled) {
          count(guarantee, -1);
          count(newGuarantee, 1);
        }
        guarantee = newGuarantee;
        flow = flowOf(newGuarantee);
        meter.setGuarantee(newGuarantee, nanoTime.getAsLong());
        ceiling = bucketOf(newCeiling);
        paused = false;
        activate();
      }
      distributeForOwnLoop();
    }

    /** Removes the client. The recipient still owns its offered batches. */
    public void cancel() {
      synchronized (lock) {
        deactivate();
        if (!cancelled) {
          subscriptions.remove(this);
          budget.leave(inFlight);
          count(guarantee, -1);
        }
        cancelled = true;
      }
      distributeAll();
    }

    /** Samples requested and not yet offered. */
    public long demand() {
      synchronized (lock) {
        return demand;
      }
    }

    /** The memory of batches that are offered and not yet acknowledged, in bytes. */
    public long inFlight() {
      synchronized (lock) {
        return inFlight;
      }
    }

    /** The time since the client waits for its next batch, in nanoseconds; 0 if it does not. */
    public long waitedNanos() {
      synchronized (lock) {
        return meter.isWaiting() ? nanoTime.getAsLong() - waitingSince : 0;
      }
    }

    /** Bytes due to the client: its guarantee, during the time that it waited. */
    public double owed() {
      synchronized (lock) {
        return meter.owed(nanoTime.getAsLong());
      }
    }

    /** Bytes that were due to the client and not delivered. */
    public double shortfall() {
      synchronized (lock) {
        return meter.shortfall(nanoTime.getAsLong());
      }
    }

    /** Leaves the rest to a later task of the event loop, after its other connections. */
    private void distributeForOwnLoop() {
      if (distributeSome()) {
        recipient.resumeAfter(0);
      }
    }

    private void setWaiting(boolean waiting) {
      waitingSince = nanoTime.getAsLong();
      meter.setWaiting(waiting, waitingSince);
    }

    private void activate() {
      if (!meter.isWaiting() && wantsMore()) {
        setWaiting(true);
        flow.subject().add(this);
        queue.activate(flow);
      }
    }

    private void deactivate() {
      if (meter.isWaiting()) {
        setWaiting(false);
        flow.subject().remove(this);
        if (flow.subject().isEmpty()) {
          queue.deactivate(flow);
        }
      }
    }

    private boolean isStalled(long now) {
      return inFlight > 0 && now - progressAt > STALLED_NANOS;
    }

    private boolean wantsMore() {
      return !cancelled && !paused && demand > 0 && (inFlight == 0 || hasMemory());
    }

    private boolean hasMemory() {
      long free = budget.free(inFlight, written);
      return samplesIn(free) > 0 && MemoryBudget.isWorthABatch(free, inFlight);
    }

    private void hold(long change) {
      if (cancelled) {
        budget.giveBack(-change);
      } else {
        budget.change(inFlight, inFlight + change);
      }
      inFlight += change;
    }

    private long samplesIn(long bytes) {
      return SampleBatch.samplesIn(bytes, stream.sampleSize());
    }

    /** The maximum number of samples in one offer that fit into this memory. */
    private long mostSamples(long free) {
      long most = Math.min(demand, Math.max(1, samplesIn(free)));
      return ceiling == null
          ? most
          : Math.min(
              most, Math.max(1, ceiling.available(nanoTime.getAsLong()) / stream.sampleSize()));
    }

    /**
     * Offers a batch to the recipient.
     *
     * @return the time that the client waited for it, in nanoseconds
     */
    private long take(SampleBatch batch) {
      if (inFlight == 0) {
        progressAt = nanoTime.getAsLong();
      }
      demand -= batch.samples();
      hold(batch.memory());
      meter.pay(batch.size());
      if (ceiling != null) {
        ceiling.take(batch.size());
        paused = ceiling.nanosUntil(stream.sampleSize()) > 0;
      }
      recipient.offer(batch);
      long waitedSince = waitingSince;
      setWaiting(wantsMore());
      return waitingSince - waitedSince;
    }

    /** Called outside the lock. */
    private void notifyRecipient() {
      recipient.wake();
      long pause = 0;
      synchronized (lock) {
        if (paused && ceiling != null) {
          pause = ceiling.nanosUntil(stream.sampleSize());
        }
      }
      if (pause > 0) {
        recipient.resumeAfter(pause);
      }
    }
  }
}
