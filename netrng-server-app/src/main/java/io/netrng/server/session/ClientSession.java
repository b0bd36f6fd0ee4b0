package io.netrng.server.session;

import io.netrng.protocol.ServerFrame;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.distribution.Membership;
import io.netrng.server.distribution.Recipient;
import io.netrng.server.security.Identity;
import io.netrng.server.source.Run;
import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A client that was let in: what there is to know of it, and the way of its samples from the
 * distribution to the socket. The queue between the two is filled by any thread and emptied on the
 * connection's event loop, with one flush for all that is in it.
 */
public final class ClientSession implements Recipient {

  private final long id;
  private final Identity identity;
  private final String label;
  private final SocketAddress address;
  private final Instant since = Instant.now();
  private final SessionProtocol protocol;
  private final Channel channel;
  private final Membership membership;
  private final Queue<Run> offered = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean awake = new AtomicBoolean();
  private final Sessions.Delivery total;
  private final AtomicLong delivered = new AtomicLong();
  private final History history = new History(System.nanoTime());
  private volatile long guarantee;
  private volatile long ceiling;

  /** Joins the distribution. Called on the channel's event loop, as all that is package-private. */
  ClientSession(
      long id,
      Identity identity,
      String label,
      Admission.Verdict.Granted granted,
      SessionProtocol protocol,
      Distributor distributor,
      Sessions.Delivery total) {
    this.id = id;
    this.identity = identity;
    this.label = label;
    guarantee = granted.guarantee();
    ceiling = granted.ceiling();
    this.protocol = protocol;
    channel = protocol.channel();
    this.total = total;
    address = channel.remoteAddress();
    membership = distributor.join(guarantee, ceiling, this);
  }

  /** The number that WELCOME named. */
  public long id() {
    return id;
  }

  /** Who the client is: what its policy and its limits hang on. */
  public Identity identity() {
    return identity;
  }

  /** The client's name for people and dashboards. */
  public String label() {
    return label;
  }

  /** Whether the client has this identity and label. */
  boolean isOf(String identityName, String itsLabel) {
    return label.equals(itsLabel) && identity.name().equals(identityName);
  }

  /** Where the client is connected from. */
  public SocketAddress address() {
    return address;
  }

  /** When the client was let in. */
  public Instant since() {
    return since;
  }

  /** The rate that was granted, in bytes per second; 0 is best effort. */
  public long guarantee() {
    return guarantee;
  }

  /** The most it is given, in bytes per second, or {@link Distributor#NO_CEILING}. */
  public long ceiling() {
    return ceiling;
  }

  /** Bytes of entropy that were written to the client's socket. */
  public long delivered() {
    return delivered.get();
  }

  /** Bytes of entropy that the client was promised, waited for and did not get. */
  public double shortfall() {
    return membership.shortfall();
  }

  /** What it was given in the last ten seconds, in bytes per second. */
  public double shortRate() {
    return history.shortRate();
  }

  /** What it was given in the last five minutes, in bytes per second. */
  public double longRate() {
    return history.longRate();
  }

  /**
   * How much of what fell due to it in the last five minutes it was given, from 0 to 1: its
   * guarantee, in the time that it waited.
   */
  public double attainment() {
    return history.attainment();
  }

  /** The memory that holds what was handed out to it and is not yet written, in bytes. */
  public long inFlight() {
    return membership.inFlight();
  }

  /** Samples that the client has asked for and not been given yet. */
  public long demand() {
    return membership.demand();
  }

  @Override
  public void offer(Run run) {
    offered.add(run);
  }

  @Override
  public void wake() {
    if (awake.compareAndSet(false, true)) {
      channel.eventLoop().execute(this::writeOffered);
    }
  }

  @Override
  public void resumeAfter(long nanos) {
    var _ = channel.eventLoop().schedule(membership::resume, nanos, TimeUnit.NANOSECONDS);
  }

  /** Takes note of what it has been given. Called once a second, from any one thread. */
  void tick() {
    history.tell(
        new History.Point(
            System.nanoTime(), delivered(), membership.owed(), membership.shortfall()));
  }

  /** Runs what is to happen on the connection's event loop. */
  Scheduler scheduler() {
    return Schedulers.fromExecutor(channel.eventLoop());
  }

  /** Gives the client other rates, which admission has granted. */
  void change(long newGuarantee, long newCeiling) {
    guarantee = newGuarantee;
    ceiling = newCeiling;
    membership.change(newGuarantee, newCeiling);
  }

  /** Ends the session with a CLOSE. May be called from any thread. */
  void close(ServerFrame.Close close) {
    protocol.close(close);
  }

  /**
   * Ends the session if its client's machine does not answer any more. May be called from any
   * thread.
   *
   * @return whether this is the first probe of its connection within a minute
   */
  boolean probe() {
    return protocol.probe();
  }

  void request(long samples) {
    membership.request(samples);
  }

  /** Leaves the distribution and destroys what it had offered. */
  void leave() {
    membership.leave();
    for (Run run = offered.poll(); run != null; run = offered.poll()) {
      run.release();
      membership.settled(run);
    }
  }

  private void writeOffered() {
    awake.set(false);
    boolean written = false;
    for (Run run = offered.poll(); run != null; run = offered.poll()) {
      write(run);
      written = true;
    }
    if (written) {
      channel.flush();
    }
  }

  private void write(Run run) {
    channel
        .write(new OwnedFrames(run))
        .addListener(written -> {
          if (written.isSuccess()) {
            count(run.size());
          }
          membership.settled(run);
        });
  }

  private void count(int size) {
    delivered.addAndGet(size);
    total.add(size);
  }
}
