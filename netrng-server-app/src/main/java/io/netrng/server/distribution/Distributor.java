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

  /**
   * A run takes no more of the device's time than this, in seconds, for all clients together: each
   * is given its share of it, or one sample.
   */
  private static final double RUN_SECONDS = 1;

  /** The part of the memory that is shared out equally among those that are connected. */
  private static final double SHARED_PART = 0.625;

  /**
   * What is neither of the two parts is the slack: each client may hold this part of what is left
   * of it, so that a client that writes at once is given long runs beside any number of others.
   */
  private static final double SLACK_PART_OF_ONE = 1.0 / 8;

  /** The part of the memory that nobody holds more of than its reserve. */
  private static final double RESERVED_PART = 0.25;

  private final ReleasedStream stream;
  private final LongSupplier nanoTime;
  private final long mostInFlight;
  private final long memory;
  private final long reserve;
  private final FairQueue<Share> queue = new FairQueue<>(ReleasedStream.LONGEST_RUN);
  private final Share bestEffort;

  /** Guards the queue and all that members have. */
  private final Object lock = new Object();

  private int members;
  private int bestEffortMembers;
  private long guarantees;
  private double capacity = Double.NaN;
  private double headroom;
  private double readRate;
  private long allInFlight;
  private volatile LongConsumer onServed = nanos -> {};

  /**
   * Makes the only distributor of a stream.
   *
   * @param nanoTime a clock of nanoseconds, for the ceilings
   * @param mostInFlight the most memory that a client holds with what is handed out to it and not
   *     yet written to its socket, in bytes (or one sample, where that is more)
   * @param memory the most that all clients together hold, in bytes, but for a sample each. Five
   *     eighths of it are shared out equally among those that are connected. An eighth is slack:
   *     while it lasts, each may hold an eighth of what is left of it, and clients that were fewer
   *     before hold more than their part in it. The last quarter is the reserve, of which each has
   *     an equal part that clients that do not read cannot take from it
   * @param maxClients the most that are connected at a time
   */
  public Distributor(
      ReleasedStream stream,
      LongSupplier nanoTime,
      long mostInFlight,
      long memory,
      int maxClients) {
    this.stream = stream;
    this.nanoTime = nanoTime;
    this.mostInFlight = mostInFlight;
    this.memory = memory;
    reserve = (long) (memory * RESERVED_PART / maxClients);
    bestEffort = new Share(queue, 1, stream.sampleSize());
    weigh();
    stream.onRelease(this::distributeAll);
  }

  /**
   * Sets what the devices give. All best-effort clients together weigh as much as the headroom.
   * While the capacity is 0 or unknown its last value holds; before the first, best effort weighs
   * what the headroom is beside the guarantees.
   *
   * @param bytesPerSecond all devices together; 0 or NaN if that is not known
   * @param headroomFraction the part of it that is not guaranteed to anybody, from 0 to less than 1
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
   * Sets how fast the devices give their bytes while they are read, which bounds the length of a
   * run. It is not the capacity: that is measured while clients take all that the devices give, and
   * a fast device is not used that much. Until there is a value a run is one sample; while no
   * device is read the last value holds.
   *
   * @param bytesPerSecond all devices together; 0 if that is not known
   */
  public void setReadRate(double bytesPerSecond) {
    synchronized (lock) {
      if (bytesPerSecond > 0) {
        readRate = bytesPerSecond;
        weigh();
      }
    }
  }

  /** Renews what follows from the rates and the members; under the lock. */
  private void weigh() {
    boolean known = capacity > 0;
    double ofBestEffort = Math.max(1, headroom * (known ? capacity : guarantees / (1 - headroom)));
    bestEffort.setWeight(ofBestEffort);
    double weights = guarantees + (bestEffortMembers > 0 ? ofBestEffort : 0);
    queue.setHorizon(RUN_SECONDS * readRate / Math.max(1, weights));
  }

  /**
   * Sets who is told of each run how long its client had waited for it, in nanoseconds: from when
   * it had demand and could be given samples, or from its last run. It is told outside the lock.
   */
  public void onServed(LongConsumer listener) {
    onServed = listener;
  }

  /** For how long the best-effort client that is next has waited, in nanoseconds; 0 for none. */
  public long bestEffortWait() {
    synchronized (lock) {
      Membership next = bestEffort.next();
      return next == null ? 0 : nanoTime.getAsLong() - next.waitingSince();
    }
  }

  /** The memory that holds what is handed out to all clients and not yet written, in bytes. */
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
      count(guarantee, 1);
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
    int turns = share == bestEffort ? bestEffortMembers : 1;
    long fairShare = share.longestService(turns) / stream.sampleSize();
    long free = member.freeMemory();
    Run run = stream.poll(Math.min(member.mostSamples(free), fairShare), free);
    if (run == null) {
      return false;
    }
    allInFlight += run.memory();
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

  /** The memory that one client may hold now, in bytes; under the lock. */
  long mostInFlight() {
    double slack = memory * (1 - SHARED_PART - RESERVED_PART) - allInFlight;
    double part = Math.max(memory * SHARED_PART / members, slack * SLACK_PART_OF_ONE);
    return (long) Math.min((double) mostInFlight, part);
  }

  /** The memory that a client may be given now that holds so much, in bytes; under the lock. */
  long freeMemory(long held) {
    long unreserved = (long) (memory * (1 - RESERVED_PART)) - allInFlight;
    return Math.min(mostInFlight() - held, Math.max(unreserved, reserve - held));
  }

  /** So many bytes of memory of a member are no longer held; under the lock. */
  void settled(long bytes) {
    allInFlight -= bytes;
  }

  /** A member has another guarantee; under the lock. */
  void changed(long from, long to) {
    count(from, -1);
    count(to, 1);
  }

  /** Under the lock. */
  void left(long guarantee) {
    members--;
    count(guarantee, -1);
  }

  private void count(long guarantee, int change) {
    guarantees += change * guarantee;
    bestEffortMembers += guarantee == 0 ? change : 0;
    weigh();
  }
}
