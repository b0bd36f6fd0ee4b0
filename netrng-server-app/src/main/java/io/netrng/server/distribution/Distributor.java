package io.netrng.server.distribution;

import io.netrng.server.source.ReleasedStream;
import io.netrng.server.source.Run;
import java.util.ArrayList;
import java.util.List;

/**
 * The door of this package: hands the samples of the released stream to those who have demand, in
 * the order of the fair queue. Readers and event loops call it from their own threads; the lock is
 * held for one operation of the heap at a time.
 */
public final class Distributor {

  /**
   * A client that has this much handed out and not yet written to its socket is not served until it
   * has taken some. With the longest run of 64 KiB a stalled client holds less than 128 KiB.
   */
  static final long MAX_IN_FLIGHT = 64 * 1024;

  /** Nobody waits for longer than this many runs to hear that something was offered to it. */
  private static final int RUNS_A_WAKE = 64;

  private final ReleasedStream stream;
  private final FairQueue<Membership> queue = new FairQueue<>();
  private final Object lock = new Object();

  /** Makes the only distributor of a stream. */
  public Distributor(ReleasedStream stream) {
    this.stream = stream;
    stream.onRelease(this::distribute);
  }

  /**
   * Lets a client in, without demand.
   *
   * @param guarantee its rate in bytes per second, which is its weight in the queue; more than 0
   */
  public Membership join(long guarantee, Recipient recipient) {
    synchronized (lock) {
      return new Membership(guarantee, recipient);
    }
  }

  /** Goes on until nothing is ready or nobody wants it: nobody else may come to do the rest. */
  private void distribute() {
    List<Recipient> served = new ArrayList<>();
    boolean more = true;
    while (more) {
      for (int i = 0; more && i < RUNS_A_WAKE; i++) {
        synchronized (lock) {
          more = distributeOne(served);
        }
      }
      served.forEach(Recipient::wake);
      served.clear();
    }
  }

  /** Whether there was something to hand out and somebody to take it. */
  private boolean distributeOne(List<Recipient> served) {
    FairQueue.Flow<Membership> head = queue.head();
    if (head == null) {
      stream.unwanted();
      return false;
    }
    Membership member = head.subject();
    Run run = stream.poll(member.demand);
    if (run == null) {
      return false;
    }
    member.demand -= run.samples();
    member.inFlight += run.size();
    queue.serveHead(run.size(), member.wantsMore());
    member.recipient.offer(run);
    served.add(member.recipient);
    return true;
  }

  /** A client's place in the distribution. All methods may be called from any thread. */
  public final class Membership {

    private final FairQueue.Flow<Membership> flow;
    private final Recipient recipient;
    private long demand;
    private long inFlight;
    private boolean left;

    private Membership(long guarantee, Recipient recipient) {
      this.recipient = recipient;
      flow = queue.newFlow(this, (double) guarantee, stream.sampleSize());
    }

    /** The client is ready for more samples; demand adds up and saturates at 2^63 − 1. */
    public void request(long samples) {
      synchronized (lock) {
        demand = demand > Long.MAX_VALUE - samples ? Long.MAX_VALUE : demand + samples;
        activate();
      }
      distribute();
    }

    /** So many bytes that were offered are written or destroyed. */
    public void settled(long bytes) {
      synchronized (lock) {
        inFlight -= bytes;
        activate();
      }
      distribute();
    }

    /** The client is gone. What was offered to it before is the recipient's to release. */
    public void leave() {
      synchronized (lock) {
        left = true;
        queue.deactivate(flow);
      }
      distribute();
    }

    /** Samples asked for and not yet offered. */
    public long demand() {
      synchronized (lock) {
        return demand;
      }
    }

    private void activate() {
      if (wantsMore()) {
        queue.activate(flow);
      }
    }

    private boolean wantsMore() {
      return !left && demand > 0 && inFlight < MAX_IN_FLIGHT;
    }
  }
}
