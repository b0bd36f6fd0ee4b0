package io.netrng.server.distribution;

import io.netrng.server.source.ReleasedStream;
import io.netrng.server.source.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

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

  /** Guards the queue and all that members have. */
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
      return new Membership(this, guarantee, ceiling, recipient);
    }
  }

  /** Goes on until nothing is ready or nobody wants it: nobody else may come to do the rest. */
  void distributeAll() {
    boolean more = true;
    while (more) {
      more = distributeSome();
    }
  }

  /** Whether there may be more to hand out. */
  boolean distributeSome() {
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
    allInFlight += run.size();
    long waited = member.take(run);
    share.served(run.size(), member.isWaiting());
    served.add(new Service(member, waited));
    return true;
  }

  /** A run that was handed to a member, and for how many nanoseconds it had waited for it. */
  private record Service(Membership member, long waited) {}

  Object lock() {
    return lock;
  }

  int sampleSize() {
    return stream.sampleSize();
  }

  long now() {
    return nanoTime.getAsLong();
  }

  /** The place of a client in the queue. */
  Share shareOf(long guarantee) {
    return guarantee == 0 ? bestEffort : new Share(queue, guarantee, stream.sampleSize());
  }

  /** The most that one client may have in flight now, in bytes; under the lock. */
  long mostInFlight() {
    return Math.min(mostInFlight, memory / members);
  }

  /** So many bytes of a member are no longer in flight; under the lock. */
  void settled(long bytes) {
    allInFlight -= bytes;
  }

  /** Under the lock. */
  void left() {
    members--;
  }
}
