package io.netrng.server.distribution;

import io.netrng.server.source.Run;
import org.jspecify.annotations.Nullable;

/** A client's place in the distribution. All methods may be called from any thread. */
public final class Membership {

  private final Distributor distributor;
  private final Recipient recipient;
  private final Account account;
  private Share share;
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
   * @param guarantee in bytes per second; 0 is best effort
   * @param newCeiling in bytes per second, more than 0, or {@link Distributor#NO_CEILING}
   */
  public void change(long guarantee, long newCeiling) {
    synchronized (distributor.lock()) {
      if (waiting) {
        setWaiting(false);
        share.remove(this);
      }
      share = distributor.shareOf(guarantee);
      account.promise(guarantee, distributor.now());
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

  /** So many bytes that were offered are written or destroyed. */
  public void settled(long bytes) {
    synchronized (distributor.lock()) {
      inFlight -= bytes;
      distributor.settled(bytes);
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
        distributor.left();
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

  /** Bytes that were handed out to the client and are not written or destroyed yet. */
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
    return !left && !paused && demand > 0 && (inFlight == 0 || room() > 0);
  }

  private boolean isAtCeiling(long now) {
    return ceiling != null && ceiling.available(now) < distributor.sampleSize();
  }

  /** Samples that may be handed out before some are taken. */
  private long room() {
    return (distributor.mostInFlight() - inFlight) / distributor.sampleSize();
  }

  /** Under the lock. */
  boolean isWaiting() {
    return waiting;
  }

  /** The most samples that may be handed out at once; under the lock. */
  long mostSamples() {
    long most = Math.min(demand, Math.max(1, room()));
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
    inFlight += run.size();
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
