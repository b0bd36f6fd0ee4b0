package io.netrng.server.distribution;

import io.netrng.server.source.ReleasedStream;
import io.netrng.server.source.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The door of this package: hands the samples of the released stream to those who have demand, in
 * the order of the fair queue. Readers and event loops call it from their own threads; the lock is
 * held for one operation of the heap at a time.
 */
public final class Distributor {

  /** The ceiling of a client that has none, in bytes per second. */
  public static final long NO_CEILING = Long.MAX_VALUE;

  /**
   * Nobody waits for longer than this many runs to hear that something was offered to it, and no
   * event loop hands out more before it sees to its own connections again.
   */
  private static final int RUNS_AT_ONCE = 64;

  private final ReleasedStream stream;
  private final LongSupplier nanoTime;
  private final long mostInFlight;
  private final long memory;
  private final FairQueue<Share> queue = new FairQueue<>();
  private final Share bestEffort;
  private final Object lock = new Object();
  private int members;
  private long allInFlight;
  private volatile LongConsumer onServed = nanos -> {};

  /**
   * Makes the only distributor of a stream.
   *
   * @param nanoTime a clock of nanoseconds, for the ceilings
   * @param mostInFlight the most that a client has handed out and not yet written to its socket, in
   *     bytes (or one sample, where that is more): all that one that does not read can hold
   * @param memory the most that all clients together hold in memory, in bytes, but for a sample
   *     each: many that do not read must not take what the others need
   */
  public Distributor(ReleasedStream stream, LongSupplier nanoTime, long mostInFlight, long memory) {
    this.stream = stream;
    this.nanoTime = nanoTime;
    this.mostInFlight = mostInFlight;
    this.memory = memory;
    bestEffort = new Share(queue, 1, 0);
    stream.onRelease(this::distributeAll);
  }

  /**
   * Sets the rate that all best-effort clients share when everybody wants more than there is.
   *
   * @param bytesPerSecond the headroom in bytes per second; at least 1 is used
   */
  public void setBestEffortRate(double bytesPerSecond) {
    synchronized (lock) {
      bestEffort.setWeight(Math.max(1, bytesPerSecond));
    }
  }

  /**
   * Sets who is told of each run how long its client had waited for it, in nanoseconds: from when
   * it had demand and could be given samples, or from its last run. It is told outside the lock.
   */
  public void onServed(LongConsumer listener) {
    onServed = listener;
  }

  /** What all clients together have handed out and not yet written to their sockets, in bytes. */
  public long inFlight() {
    synchronized (lock) {
      return allInFlight;
    }
  }

  /**
   * Lets a client in, without demand.
   *
   * @param guarantee its rate in bytes per second, which is its weight in the queue; 0 is best
   *     effort
   * @param ceiling the most it is given, in bytes per second, more than 0, or {@link #NO_CEILING}
   */
  public Membership join(long guarantee, long ceiling, Recipient recipient) {
    synchronized (lock) {
      members++;
      return new Membership(guarantee, ceiling, recipient);
    }
  }

  /** Goes on until nothing is ready or nobody wants it: nobody else may come to do the rest. */
  private void distributeAll() {
    boolean more = true;
    while (more) {
      more = distributeSome();
    }
  }

  /** Whether there may be more to hand out. */
  private boolean distributeSome() {
    List<Service> served = new ArrayList<>();
    boolean more = true;
    for (int i = 0; more && i < RUNS_AT_ONCE; i++) {
      synchronized (lock) {
        more = distributeOne(served);
      }
    }
    for (Service service : served) {
      service.member.tell();
      onServed.accept(service.waited);
    }
    return more;
  }

  /** Whether there was something to hand out and somebody to take it. */
  private boolean distributeOne(List<Service> served) {
    FairQueue.Flow<Share> head = queue.head();
    if (head == null) {
      stream.unwanted();
      return false;
    }
    Share share = head.subject();
    Membership member = share.next();
    if (member == null) {
      throw new IllegalStateException("an active share in which nobody waits");
    }
    Run run = stream.poll(member.mostSamples());
    if (run == null) {
      return false;
    }
    member.take(run);
    share.served(run.size(), member.wantsMore());
    long waitingSince = member.waitingSince;
    member.setWaiting(member.wantsMore());
    served.add(new Service(member, member.waitingSince - waitingSince));
    return true;
  }

  /** A run that was handed to a member, and for how many nanoseconds it had waited for it. */
  private record Service(Membership member, long waited) {}

  /** A client's place in the distribution. All methods may be called from any thread. */
  public final class Membership {

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

    private Membership(long guarantee, long ceiling, Recipient recipient) {
      this.recipient = recipient;
      account = new Account(guarantee, stream.sampleSize());
      share = shareOf(guarantee);
      this.ceiling = bucketOf(ceiling);
    }

    private Share shareOf(long guarantee) {
      return guarantee == 0 ? bestEffort : new Share(queue, guarantee, stream.sampleSize());
    }

    private @Nullable TokenBucket bucketOf(long rate) {
      return rate == NO_CEILING
          ? null
          : new TokenBucket(rate, stream.sampleSize(), nanoTime.getAsLong());
    }

    /**
     * Gives the client other rates, as to one that has just come: what it was given with the old
     * ones neither hastens nor delays what comes next.
     *
     * @param guarantee in bytes per second; 0 is best effort
     * @param newCeiling in bytes per second, more than 0, or {@link #NO_CEILING}
     */
    public void change(long guarantee, long newCeiling) {
      synchronized (lock) {
        if (waiting) {
          setWaiting(false);
          share.remove(this);
        }
        share = shareOf(guarantee);
        account.promise(guarantee, nanoTime.getAsLong());
        ceiling = bucketOf(newCeiling);
        paused = false;
        activate();
      }
      distributeForOwnLoop();
    }

    /** The client is ready for more samples; demand adds up and saturates at 2^63 − 1. */
    public void request(long samples) {
      synchronized (lock) {
        demand = demand > Long.MAX_VALUE - samples ? Long.MAX_VALUE : demand + samples;
        activate();
      }
      distributeForOwnLoop();
    }

    /** So many bytes that were offered are written or destroyed. */
    public void settled(long bytes) {
      synchronized (lock) {
        inFlight -= bytes;
        allInFlight -= bytes;
        activate();
      }
      distributeForOwnLoop();
    }

    /** The time that {@link Recipient#resumeAfter} named is over; too early does no harm. */
    public void resume() {
      synchronized (lock) {
        paused = isAtCeiling(nanoTime.getAsLong());
        activate();
      }
      distributeForOwnLoop();
    }

    /** The client is gone. What was offered to it before is the recipient's to release. */
    public void leave() {
      synchronized (lock) {
        if (!left) {
          members--;
        }
        left = true;
        if (waiting) {
          setWaiting(false);
          share.remove(this);
        }
      }
      distributeAll();
    }

    /** Samples asked for and not yet offered. */
    public long demand() {
      synchronized (lock) {
        return demand;
      }
    }

    /** Bytes that were handed out to the client and are not written or destroyed yet. */
    public long inFlight() {
      synchronized (lock) {
        return inFlight;
      }
    }

    /** Bytes that fell due to the client: its guarantee, in the time that it waited. */
    public double owed() {
      synchronized (lock) {
        return account.owed(nanoTime.getAsLong());
      }
    }

    /** Bytes that the client was promised, waited for and did not get. */
    public double shortfall() {
      synchronized (lock) {
        return account.shortfall(nanoTime.getAsLong());
      }
    }

    /** What is left is done when the event loop has been free for others. */
    private void distributeForOwnLoop() {
      if (distributeSome()) {
        recipient.resumeAfter(0);
      }
    }

    private void setWaiting(boolean now) {
      waiting = now;
      waitingSince = nanoTime.getAsLong();
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
      return ceiling != null && ceiling.available(now) < stream.sampleSize();
    }

    /** Samples that may be handed out before some are taken. */
    private long room() {
      long most = Math.min(mostInFlight, memory / members);
      return (most - inFlight) / stream.sampleSize();
    }

    private long mostSamples() {
      long most = Math.min(demand, Math.max(1, room()));
      return ceiling == null
          ? most
          : Math.min(
              most, Math.max(1, ceiling.available(nanoTime.getAsLong()) / stream.sampleSize()));
    }

    private void take(Run run) {
      demand -= run.samples();
      inFlight += run.size();
      allInFlight += run.size();
      account.pay(run.size());
      if (ceiling != null) {
        ceiling.take(run.size());
        paused = ceiling.nanosUntil(stream.sampleSize()) > 0;
      }
      recipient.offer(run);
    }

    /** Outside the lock. */
    private void tell() {
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
