package io.netrng.server.distribution;

import io.netrng.server.source.Run;
import org.jspecify.annotations.Nullable;

/** A client's place in the distribution. All methods may be called from any thread. */
public final class Membership {

  /** Runs of less than this part of what a client may hold cost more than they bring. */
  private static final int LEAST_PART = 4;

  private final Distributor distributor;
  private final Recipient recipient;
  private final Account account;
  private Share share;
  private long guarantee;
  private @Nullable TokenBucket ceiling;
  private long demand;
  private long inFlight;
  private boolean waiting;
  private long waitingSince;
  private boolean paused;
  private boolean left;

  Membership(Distributor distributor, long guarantee, long ceiling, Recipient recipient) {
    this.distributor = distributor;
    this.recipient = recipient;
    this.guarantee = guarantee;
    account = new Account(guarantee, distributor.sampleSize());
    share = distributor.shareOf(guarantee);
    this.ceiling = bucketOf(ceiling);
  }

  private @Nullable TokenBucket bucketOf(long rate) {
    return rate == Distributor.NO_CEILING
        ? null
        : new TokenBucket(rate, distributor.sampleSize(), distributor.now());
  }

  /**
   * Gives the client other rates, as to one that has just come: what it was given with the old ones
   * neither hastens nor delays what comes next.
   *
   * @param newGuarantee in bytes per second; 0 is best effort
   * @param newCeiling in bytes per second, more than 0, or {@link Distributor#NO_CEILING}
   */
  public void change(long newGuarantee, long newCeiling) {
    synchronized (distributor.lock()) {
      if (waiting) {
        setWaiting(false);
        share.remove(this);
      }
      if (!left) {
        distributor.changed(guarantee, newGuarantee);
      }
      guarantee = newGuarantee;
      share = distributor.shareOf(newGuarantee);
      account.promise(newGuarantee, distributor.now());
      ceiling = bucketOf(newCeiling);
      paused = false;
      activate();
    }
    distributeForOwnLoop();
  }

  /** The client is ready for more samples; demand adds up and saturates at 2^63 − 1. */
  public void request(long samples) {
    synchronized (distributor.lock()) {
      demand = demand > Long.MAX_VALUE - samples ? Long.MAX_VALUE : demand + samples;
      activate();
    }
    distributeForOwnLoop();
  }

  /** A run that was offered is written or destroyed. */
  public void settled(Run run) {
    synchronized (distributor.lock()) {
      inFlight -= run.memory();
      distributor.settled(run.memory());
      activate();
    }
    distributeForOwnLoop();
  }

  /** The time that {@link Recipient#resumeAfter} named is over; too early does no harm. */
  public void resume() {
    synchronized (distributor.lock()) {
      paused = isAtCeiling(distributor.now());
      activate();
    }
    distributeForOwnLoop();
  }

  /** The client is gone. What was offered to it before is the recipient's to release. */
  public void leave() {
    synchronized (distributor.lock()) {
      if (!left) {
        distributor.left(guarantee);
      }
      left = true;
      if (waiting) {
        setWaiting(false);
        share.remove(this);
      }
    }
    distributor.distributeAll();
  }

  /** Samples asked for and not yet offered. */
  public long demand() {
    synchronized (distributor.lock()) {
      return demand;
    }
  }

  /** The memory that holds what was handed out and is not written or destroyed yet, in bytes. */
  public long inFlight() {
    synchronized (distributor.lock()) {
      return inFlight;
    }
  }

  /** Bytes that fell due to the client: its guarantee, in the time that it waited. */
  public double owed() {
    synchronized (distributor.lock()) {
      return account.owed(distributor.now());
    }
  }

  /** Bytes that the client was promised, waited for and did not get. */
  public double shortfall() {
    synchronized (distributor.lock()) {
      return account.shortfall(distributor.now());
    }
  }

  /** What is left is done when the event loop has been free for others. */
  private void distributeForOwnLoop() {
    if (distributor.distributeSome()) {
      recipient.resumeAfter(0);
    }
  }

  private void setWaiting(boolean now) {
    waiting = now;
    waitingSince = distributor.now();
    account.waits(now, waitingSince);
  }

  private void activate() {
    if (!waiting && wantsMore()) {
      setWaiting(true);
      share.add(this);
    }
  }

  private boolean wantsMore() {
    return !left && !paused && demand > 0 && (inFlight == 0 || hasMemory());
  }

  private boolean hasMemory() {
    long free = freeMemory();
    return samplesIn(free) > 0 && free >= (free + inFlight) / LEAST_PART;
  }

  private boolean isAtCeiling(long now) {
    return ceiling != null && ceiling.available(now) < distributor.sampleSize();
  }

  /** What the client may still be given, in bytes of memory; under the lock. */
  long freeMemory() {
    return distributor.freeMemory(inFlight);
  }

  private long samplesIn(long bytes) {
    return Run.samplesIn(bytes, distributor.sampleSize());
  }

  /** Since when it has waited, on the distributor's clock; under the lock. */
  long waitingSince() {
    return waitingSince;
  }

  /** Under the lock. */
  boolean isWaiting() {
    return waiting;
  }

  /**
   * The most samples that may be handed out at once; under the lock.
   *
   * @param free what {@link #freeMemory} gives
   */
  long mostSamples(long free) {
    long most = Math.min(demand, Math.max(1, samplesIn(free)));
    return ceiling == null
        ? most
        : Math.min(
            most, Math.max(1, ceiling.available(distributor.now()) / distributor.sampleSize()));
  }

  /**
   * Hands a run to the recipient; under the lock.
   *
   * @return for how many nanoseconds the client has waited for it
   */
  long take(Run run) {
    demand -= run.samples();
    inFlight += run.memory();
    account.pay(run.size());
    if (ceiling != null) {
      ceiling.take(run.size());
      paused = ceiling.nanosUntil(distributor.sampleSize()) > 0;
    }
    recipient.offer(run);
    long waitedSince = waitingSince;
    setWaiting(wantsMore());
    return waitingSince - waitedSince;
  }

  /** Outside the lock. */
  void tell() {
    recipient.wake();
    long pause = 0;
    synchronized (distributor.lock()) {
      if (paused && ceiling != null) {
        pause = ceiling.nanosUntil(distributor.sampleSize());
      }
    }
    if (pause > 0) {
      recipient.resumeAfter(pause);
    }
  }
}
