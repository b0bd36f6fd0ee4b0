package io.netrng.server.session;

import io.netrng.protocol.ServerFrame;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.distribution.OutboundQueue;
import io.netrng.server.security.Identity;
import io.netrng.server.source.SampleBatch;
import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A client that was admitted: its identity, its rates and what was delivered to it. It writes what
 * the distributor offers to the socket, on the connection's event loop.
 */
public final class ClientSession {

  private final long id;
  private final Identity identity;
  private final String label;
  private final SocketAddress address;
  private final Instant since = Instant.now();
  private final SessionProtocol protocol;
  private final Channel channel;
  private final Admission.Reservation reservation;
  private final OutboundQueue outbound;
  private final SessionRegistry.Delivery total;
  private final AtomicLong delivered = new AtomicLong();
  private final History history = new History(System.nanoTime());

  /** Subscribes to samples. Called on the channel's event loop, as all that is package-private. */
  ClientSession(
      long id,
      Identity identity,
      String label,
      Admission.Reservation reservation,
      SessionProtocol protocol,
      Distributor distributor,
      SessionRegistry.Delivery total) {
    this.id = id;
    this.identity = identity;
    this.label = label;
    this.reservation = reservation;
    this.protocol = protocol;
    channel = protocol.channel();
    this.total = total;
    address = channel.remoteAddress();
    outbound =
        new OutboundQueue(
            distributor,
            reservation.guarantee(),
            reservation.ceiling(),
            channel.eventLoop(),
            new Outlet());
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
    return reservation.guarantee();
  }

  /** The most it is given, in bytes per second, or {@link Distributor#NO_CEILING}. */
  public long ceiling() {
    return reservation.ceiling();
  }

  /** Bytes of entropy that were written to the client's socket. */
  public long delivered() {
    return delivered.get();
  }

  /** Bytes of entropy that the client was promised, waited for and did not get. */
  public double shortfall() {
    return outbound.subscription().shortfall();
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
    return outbound.subscription().inFlight();
  }

  /** Samples that the client has asked for and not been given yet. */
  public long demand() {
    return outbound.subscription().demand();
  }

  /** Takes note of what it has been given. Called once a second, from any one thread. */
  void tick() {
    history.tell(
        new History.Point(
            System.nanoTime(),
            delivered(),
            outbound.subscription().owed(),
            outbound.subscription().shortfall()));
  }

  /** Runs what is to happen on the connection's event loop. */
  Scheduler scheduler() {
    return Schedulers.fromExecutor(channel.eventLoop());
  }

  /**
   * Gives the client other rates, if they can be kept.
   *
   * @return why that is impossible; empty if it is done
   */
  Optional<String> change(long guarantee, long ceiling) {
    Optional<String> refusal = reservation.change(guarantee, ceiling);
    if (refusal.isEmpty()) {
      outbound.subscription().change(guarantee, ceiling);
    }
    return refusal;
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
    outbound.subscription().request(samples);
  }

  /** Ends the subscription, destroys what is not written, and frees what was reserved. */
  void release() {
    outbound.close();
    reservation.release();
  }

  private final class Outlet implements OutboundQueue.Outlet {

    @Override
    public void write(SampleBatch batch) {
      channel
          .write(new OwnedFrames(batch))
          .addListener(written -> {
            if (written.isSuccess()) {
              delivered.addAndGet(batch.size());
              total.add(batch.size());
            }
            outbound.acknowledge(batch);
          });
    }

    @Override
    public void flush() {
      channel.flush();
    }
  }
}
