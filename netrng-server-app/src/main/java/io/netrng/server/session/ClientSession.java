// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.audit.AuditLog;
import io.netrng.audit.AuditSession;
import io.netrng.protocol.ServerFrame;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.distribution.OutboundQueue;
import io.netrng.server.security.Identity;
import io.netrng.server.source.SampleBatch;
import io.netrng.server.source.SampleBuffer;
import io.netrng.tls.Negotiated;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The session of an admitted client: its identity, its rates and its delivered bytes. Passes
 * samples from the distributor to the connection, on the connection's event loop.
 */
public final class ClientSession {

  private static final Logger log = LoggerFactory.getLogger(ClientSession.class);

  /** Fewer samples in ten seconds make a rate that jumps with each sample. */
  private static final int STEADY_SAMPLES = 10;

  private final long id;
  private final Identity identity;
  private final String label;
  private final SocketAddress address;
  private final Optional<Negotiated> tls;
  private final Instant since = Instant.now();
  private final ClientConnection connection;
  private final Admission.Reservation reservation;
  private final OutboundQueue outbound;
  private final SessionRegistry.Delivery total;
  private final int sampleSize;
  private final AuditLog audit;
  private final AuditSession audited;
  private final AtomicLong delivered = new AtomicLong();
  private final History history = new History(System.nanoTime());

  /**
   * Subscribes to samples. Runs on the connection's event loop, as do all package-private methods.
   */
  ClientSession(
      long id,
      Identity identity,
      String label,
      Admission.Reservation reservation,
      ClientConnection connection,
      Distributor distributor,
      SampleBuffer stream,
      SessionRegistry.Delivery total,
      AuditLog audit) {
    this.id = id;
    this.identity = identity;
    this.label = label;
    this.reservation = reservation;
    this.connection = connection;
    sampleSize = stream.sampleSize();
    this.total = total;
    address = connection.address();
    tls = connection.tls();
    outbound =
        new OutboundQueue(
            distributor,
            reservation.guarantee(),
            reservation.ceiling(),
            connection.eventLoop(),
            new Outlet());
    this.audit = audit;
    audited =
        AuditSession.delivered(
            stream.epoch(),
            id,
            label,
            identity.name(),
            reservation::guarantee,
            outbound.subscription()::shortfall);
  }

  /** The session's number in WELCOME. */
  public long id() {
    return id;
  }

  /** The client's identity, which selects its policy and its limits. */
  public Identity identity() {
    return identity;
  }

  /** The client's name for operators and dashboards. */
  public String label() {
    return label;
  }

  /** Whether the client has this identity and label. */
  boolean isOf(String identityName, String itsLabel) {
    return label.equals(itsLabel) && identity.name().equals(identityName);
  }

  /** The listener that the client is connected to. */
  public Listener listener() {
    return connection.listener();
  }

  /** The client's remote address, or the unix socket that it is connected to. */
  public SocketAddress address() {
    return address;
  }

  /** The parameters of the client's TLS connection; empty without TLS. */
  public Optional<Negotiated> tls() {
    return tls;
  }

  /** The time of admission. */
  public Instant since() {
    return since;
  }

  /** The granted rate, in bytes per second; 0 is best effort. */
  public long guarantee() {
    return reservation.guarantee();
  }

  /** The maximum rate, in bytes per second, or {@link Distributor#NO_CEILING}. */
  public long ceiling() {
    return reservation.ceiling();
  }

  /** Bytes of entropy that were written to the client's socket. */
  public long delivered() {
    return delivered.get();
  }

  /** Bytes of entropy that the guarantee covered and the client requested, but did not receive. */
  public double shortfall() {
    return outbound.subscription().shortfall();
  }

  /** The delivered rate over the last ten seconds, in bytes per second. */
  public double shortRate() {
    return history.shortRate();
  }

  /** The delivered rate over the last five minutes, in bytes per second. */
  public double longRate() {
    return history.longRate();
  }

  /**
   * The delivered part of the guarantee over the last five minutes, from 0 to 1. Only the time in
   * which the client waited for samples counts.
   */
  public double attainment() {
    return history.attainment();
  }

  /** The delivered part of the guarantee over the last ten seconds, from 0 to 1. */
  public double shortAttainment() {
    return history.shortAttainment();
  }

  /**
   * The delivered rate, in bytes per second. It is that of the last ten seconds, or that of the
   * last five minutes if ten seconds contain too few samples for a steady value.
   */
  public double rate() {
    double rate = shortRate();
    return rate * History.SHORT >= (double) STEADY_SAMPLES * sampleSize ? rate : longRate();
  }

  /**
   * The state of the client's deliveries.
   *
   * @param available whether any device provides samples now
   */
  public DeliveryState state(boolean available) {
    return DeliveryState.of(
        new DeliveryState.Deliveries(
            guarantee(),
            sampleSize,
            demand() > 0 || shortRate() > 0,
            Duration.ofNanos(outbound.subscription().waitedNanos()),
            shortAttainment()),
        available);
  }

  /** The memory of samples that are handed out to this client and not yet written, in bytes. */
  public long inFlight() {
    return outbound.subscription().inFlight();
  }

  /** The number of samples that the client has requested and not yet received. */
  public long demand() {
    return outbound.subscription().demand();
  }

  /** Records the delivered bytes. Called once per second, from any one thread. */
  void tick() {
    history.tell(
        new History.Point(
            System.nanoTime(),
            delivered(),
            outbound.subscription().owed(),
            outbound.subscription().shortfall()));
  }

  /** Runs tasks on the connection's event loop. */
  Scheduler scheduler() {
    return Schedulers.fromExecutor(connection.eventLoop());
  }

  /**
   * Changes the client's rates if the capacity suffices.
   *
   * @return the reason for a refusal; empty if the rates are changed
   */
  Optional<String> change(long guarantee, long ceiling) {
    Optional<String> refusal = reservation.change(guarantee, ceiling);
    if (refusal.isEmpty()) {
      outbound.subscription().change(guarantee, ceiling);
    }
    return refusal;
  }

  /** Returns the rates under a policy that has changed; empty if none has. */
  Optional<Admission.Rates> revise() {
    return reservation.revise();
  }

  /** Ends the session with a CLOSE. May be called from any thread. */
  void close(ServerFrame.Close close) {
    connection.close(close);
  }

  /** Ends the connection if the server keeps bytes for its next request. Any thread. */
  public void discardRest() {
    connection.discardRest();
  }

  /**
   * Ends the session if its peer no longer answers. May be called from any thread.
   *
   * @return whether this is the first probe of its connection within a minute
   */
  boolean probe() {
    return connection.probe();
  }

  void request(long samples) {
    outbound.subscription().request(samples);
  }

  /** Passes all samples that are ready for this client to its connection. */
  void writeAll() {
    outbound.writeAll();
  }

  /**
   * Records bytes that are in the client's socket.
   *
   * @param offset position of the first byte in the released stream
   * @param bytes the number of bytes
   */
  void delivered(long offset, int bytes) {
    delivered.addAndGet(bytes);
    total.add(bytes);
    audit.append(audited, offset, bytes);
    if (log.isDebugEnabled()) {
      log.atDebug()
          .addKeyValue("session", Long.toUnsignedString(id))
          .addKeyValue("listener", listener().externalName())
          .addKeyValue("offset", offset)
          .addKeyValue("bytes", bytes)
          .log("delivered");
    }
  }

  /** Reports that a batch is released. May be called from any thread. */
  void acknowledge(SampleBatch batch) {
    outbound.acknowledge(batch);
  }

  /** Ends the subscription, destroys unwritten samples, and frees the reservation. */
  void release() {
    outbound.close();
    reservation.release();
  }

  private final class Outlet implements OutboundQueue.Outlet {

    @Override
    public void write(SampleBatch batch) {
      connection.write(ClientSession.this, batch);
    }

    @Override
    public void flush() {
      connection.flush();
    }
  }
}
