// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.audit.AuditLog;
import io.netrng.logging.LogRateLimiter;
import io.netrng.net.Address;
import io.netrng.protocol.CloseCode;
import io.netrng.protocol.ServerFrame;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.security.ClientAuthenticator;
import io.netrng.server.security.Identity;
import io.netrng.server.security.LimitsProperties;
import io.netrng.server.source.SampleBuffer;
import io.netrng.server.source.Source;
import io.netrng.tls.Negotiated;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;

/** All connections and the sessions of the admitted clients. */
public final class SessionRegistry {

  private static final Logger log = LoggerFactory.getLogger(SessionRegistry.class);

  private static final Duration COME_BACK_AFTER_KICK = Duration.ofMinutes(1);

  /** Refusals that end when another client disconnects. */
  private static final Set<CloseCode> PLACES_TAKEN =
      EnumSet.of(CloseCode.CAPACITY, CloseCode.MAX_CLIENTS, CloseCode.TOO_MANY_CONNECTIONS);

  private final Source source;
  private final SampleBuffer stream;
  private final Distributor distributor;
  private final ClientAuthenticator authenticator;
  private final Admission admission;
  private final Duration keepalive;
  private final Duration helloTimeout;
  private final ApplicationEventPublisher events;
  private final AuditLog audit;
  private final Set<SessionProtocol> connections = ConcurrentHashMap.newKeySet();
  private final Map<Long, ClientSession> clients = new ConcurrentHashMap<>();
  private final Map<Listener, LongAdder> delivered = new EnumMap<>(Listener.class);
  private final LogRateLimiter connects = new LogRateLimiter(System::nanoTime);
  private final LogRateLimiter disconnects = new LogRateLimiter(System::nanoTime);
  private final LogRateLimiter misfits = new LogRateLimiter(System::nanoTime);
  private final LogRateLimiter refusals = new LogRateLimiter(System::nanoTime);
  private final LongAdder hellosTimedOut = new LongAdder();

  SessionRegistry(
      SessionProperties properties,
      LimitsProperties limits,
      Source source,
      Distributor distributor,
      ClientAuthenticator authenticator,
      Admission admission,
      ApplicationEventPublisher events,
      AuditLog audit) {
    this.distributor = distributor;
    this.events = events;
    this.source = source;
    this.audit = audit;
    stream = source.stream();
    keepalive = properties.keepalive();
    helloTimeout = limits.helloTimeout();
    this.authenticator = authenticator;
    this.admission = admission;
    for (Listener listener : Listener.values()) {
      delivered.put(listener, new LongAdder());
    }
  }

  /** Adds up the delivered bytes of all sessions. */
  @FunctionalInterface
  interface Delivery {
    void add(long bytes);
  }

  /** The clients that are connected now. */
  public Collection<ClientSession> clients() {
    return clients.values();
  }

  /** The number of connected clients in each state of delivery. */
  public Map<DeliveryState, Long> states() {
    boolean available = source.status().isHealthy();
    Map<DeliveryState, Long> states = new EnumMap<>(DeliveryState.class);
    for (DeliveryState state : DeliveryState.values()) {
      states.put(state, 0L);
    }
    clients.values().forEach(client -> states.merge(client.state(available), 1L, Long::sum));
    return states;
  }

  /** The sum of the guarantees, in bytes per second. */
  public long promised() {
    return admission.promised();
  }

  /** The maximum sum of guarantees, in bytes per second. */
  public double promisable() {
    return admission.promisable();
  }

  /**
   * Whether the devices provide less than the sum of the guarantees. All clients then receive the
   * same share of their guarantee.
   */
  public boolean isDegraded() {
    return admission.isDegraded();
  }

  /** The clients that are refused for a time. */
  public Holds holds() {
    return admission.holds();
  }

  /** Returns a connected client by its session's number in WELCOME. */
  public Optional<ClientSession> client(long id) {
    return Optional.ofNullable(clients.get(id));
  }

  /** Bytes of entropy that were written to the sockets of all clients since the start. */
  public long delivered() {
    return delivered.values().stream().mapToLong(LongAdder::sum).sum();
  }

  /** Bytes of entropy that were written to the sockets of the clients of one listener. */
  public long delivered(Listener listener) {
    return deliveredBy(listener).sum();
  }

  private LongAdder deliveredBy(Listener listener) {
    return Objects.requireNonNull(delivered.get(listener));
  }

  /** The number of clients that are connected to a listener now. */
  public long connected(Listener listener) {
    return clients.values().stream().filter(client -> client.listener() == listener).count();
  }

  /** Ends a client's session; the client may reconnect after a minute. */
  public void kick(ClientSession client) {
    client.close(Admission.kicked(COME_BACK_AFTER_KICK));
  }

  /** Ends all sessions of a client's identity and label, and refuses this client for a time. */
  public void kick(ClientSession client, Duration holdOff) {
    String identity = client.identity().name();
    holds().add(identity, client.label(), holdOff);
    clients.values().stream()
        .filter(c -> c.isOf(identity, client.label()))
        .forEach(c -> c.close(Admission.kicked(holdOff)));
  }

  /**
   * Changes a client's rates if the capacity suffices.
   *
   * @param guarantee in bytes per second; 0 is best effort
   * @param ceiling in bytes per second, more than 0, or {@link Distributor#NO_CEILING}
   * @return the reason for a refusal; empty if the rates are changed
   */
  public Mono<Optional<String>> change(ClientSession client, long guarantee, long ceiling) {
    return Mono.fromCallable(
            () -> {
              Optional<String> refusal = client.change(guarantee, ceiling);
              if (refusal.isEmpty()) {
                events.publishEvent(new SessionEvent.Changed(client));
              }
              return refusal;
            })
        .subscribeOn(client.scheduler());
  }

  /** Records the delivered bytes of each client. Called once per second. */
  void tick() {
    clients.values().forEach(ClientSession::tick);
  }

  /** The memory of samples that are handed out to all clients and not yet written, in bytes. */
  public long inFlight() {
    return distributor.inFlight();
  }

  /** The number of connections that ended because they sent no HELLO in time. */
  public long hellosTimedOut() {
    return hellosTimedOut.sum();
  }

  /**
   * Starts the protocol on a connection.
   *
   * @param refusal the CLOSE that is sent at once; null if the connection may send HELLO
   */
  void accept(Connection connection, ServerFrame.@Nullable Close refusal) {
    SessionProtocol protocol = new SessionProtocol(connection, this);
    connections.add(protocol);
    protocol.start();
    if (refusal != null) {
      protocol.close(refusal);
    }
  }

  void ended(SessionProtocol protocol) {
    connections.remove(protocol);
  }

  /** The number of connections, with or without an admitted client. */
  int connections() {
    return connections.size();
  }

  /** Ends all connections of the stream. */
  void closeAll(ServerFrame.Close close) {
    connections.forEach(c -> c.close(close));
  }

  /** Ends all connections of the stream, and the sessions of all other listeners. */
  void closeAllListeners(ServerFrame.Close close) {
    closeAll(close);
    clients.values().forEach(client -> client.close(close));
  }

  /** Applies new policies to connected clients and to those that connect from now on. */
  void updatePolicies(SessionProperties policies) {
    admission.updatePolicies(policies);
    log.atInfo().addKeyValue("clients", policies.clients().size()).log("new policies apply");
    // Lower guarantees first, because they free capacity for higher ones.
    List<Revision> revisions =
        clients.values().stream()
            .flatMap(client -> client.revise().map(rates -> new Revision(client, rates)).stream())
            .sorted(Comparator.comparingLong(Revision::increase))
            .toList();
    Flux.fromIterable(revisions).concatMap(this::apply).subscribe();
  }

  private record Revision(ClientSession client, Admission.Rates rates) {

    long increase() {
      return rates.guarantee() - client.guarantee();
    }
  }

  private Mono<Void> apply(Revision revision) {
    ClientSession client = revision.client();
    Admission.Rates rates = revision.rates();
    return change(client, rates.guarantee(), rates.ceiling())
        .doOnNext(refusal ->
            refusal.ifPresent(reason ->
                misfits.log(
                    log.atWarn()
                        .addKeyValue("session", Long.toUnsignedString(client.id()))
                        .addKeyValue("client", client.label())
                        .addKeyValue("reason", reason),
                    "new policy does not fit; the client keeps its rates until it reconnects")))
        // Its connection's event loop has stopped.
        .onErrorComplete(RejectedExecutionException.class)
        .then();
  }

  /** Denies these clients from now on and closes their sessions. */
  void updateDenied(List<String> denied) {
    authenticator.deny(denied);
    closeDenied();
    log.atInfo().addKeyValue("denied", denied.size()).log("new denials apply");
  }

  /** Closes the sessions of denied clients. */
  void closeDenied() {
    clients.values().forEach(this::closeIfDenied);
  }

  private void closeIfDenied(ClientSession session) {
    authenticator
        .denial(session.identity())
        .ifPresent(reason ->
            session.close(
                new ServerFrame.Close(CloseCode.NOT_AUTHORISED, ServerFrame.Close.NEVER, reason)));
  }

  /** The authenticator of the clients of all listeners. */
  public ClientAuthenticator authenticator() {
    return authenticator;
  }

  Admission admission() {
    return admission;
  }

  Duration keepalive() {
    return keepalive;
  }

  Duration helloTimeout() {
    return helloTimeout;
  }

  void helloTimedOut() {
    hellosTimedOut.increment();
  }

  UUID epoch() {
    return stream.epoch();
  }

  /** The size of a sample, in bytes. */
  public int sampleSize() {
    return stream.sampleSize();
  }

  ClientSession open(
      Identity identity,
      String label,
      Admission.Reservation reservation,
      ClientConnection connection) {
    // Random, so that a session's number reveals nothing about the others.
    long id = ThreadLocalRandom.current().nextLong();
    return new ClientSession(
        id,
        identity,
        label,
        reservation,
        connection,
        distributor,
        stream,
        deliveredBy(connection.listener())::add,
        audit);
  }

  void connected(ClientSession session) {
    clients.put(session.id(), session);
    // The policies may have changed since its admission.
    session.revise().map(rates -> apply(new Revision(session, rates))).ifPresent(Mono::subscribe);
    connects.log(
        Negotiated.addTo(
            log.atInfo()
                .addKeyValue("session", Long.toUnsignedString(session.id()))
                .addKeyValue("client", session.label())
                .addKeyValue("identity", session.identity().name())
                .addKeyValue("listener", session.listener().externalName())
                .addKeyValue("address", Address.text(session.address()))
                .addKeyValue("guarantee", session.guarantee()),
            session.tls()),
        "client connected");
    events.publishEvent(new SessionEvent.Connected(session));
  }

  /**
   * Ends the session if its client was put on hold or denied between admission and registration,
   * when {@link #kick(ClientSession, Duration)} and {@link #closeDenied} could not find it. Called
   * once the client is registered, and after WELCOME.
   */
  void enforce(ClientSession session) {
    closeIfDenied(session);
    holds()
        .left(session.identity().name(), session.label())
        .ifPresent(left -> session.close(Admission.kicked(left)));
  }

  void disconnected(ClientSession session, String reason) {
    clients.remove(session.id());
    session.release();
    disconnects.log(
        log.atInfo()
            .addKeyValue("session", Long.toUnsignedString(session.id()))
            .addKeyValue("client", session.label())
            .addKeyValue("reason", reason)
            .addKeyValue("delivered", session.delivered()),
        "client disconnected");
    events.publishEvent(new SessionEvent.Disconnected(session, reason));
  }

  /**
   * Probes the older sessions of a client that was refused because all places are in use. After a
   * crash, an older session of the client may occupy a place. The probe frees that place within a
   * few seconds if the connection is dead.
   *
   * @return the CLOSE for the client, with a retry time after the end of a first probe
   */
  ServerFrame.Close probePredecessors(Identity identity, String label, ServerFrame.Close refusal) {
    if (!PLACES_TAKEN.contains(refusal.code())) {
      return refusal;
    }
    long probed =
        clients.values().stream()
            .filter(c -> c.isOf(identity.name(), label))
            .filter(ClientSession::probe)
            .count();
    return probed == 0
        ? refusal
        : new ServerFrame.Close(
            refusal.code(),
            PeerProbe.DURATION.toMillis() + ThreadLocalRandom.current().nextLong(1_000) + 500,
            refusal.reason() + "; an older connection of this client is being probed");
  }

  /** Records that a client was not admitted. May be called from any thread. */
  public void refused(ServerFrame.Close close, SessionEvent.Applicant applicant) {
    refusals.log(
        log.atInfo()
            .addKeyValue("client", Objects.requireNonNullElse(applicant.label(), "unknown"))
            .addKeyValue("identity", Objects.requireNonNullElse(applicant.identity(), "unknown"))
            .addKeyValue("address", Address.text(applicant.address()))
            .addKeyValue("reason", close.code().externalName())
            .addKeyValue("detail", close.reason())
            .addKeyValue("retry-after-ms", close.retryAfterMillis()),
        "client refused");
    events.publishEvent(new SessionEvent.Refused(close.code(), close.reason(), applicant));
  }
}
