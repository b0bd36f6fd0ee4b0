// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.stream.Candidates.Candidate;
import io.netrng.client.stream.DisconnectReason.Cause;
import io.netrng.protocol.ServerFrame;
import io.netrng.tls.Negotiated;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * One attempt to stream from one server. The server's name is resolved, then each address is tried
 * in the resolver's order, with its own connection and session. The attempt stays at the first
 * address that delivers for a while. All methods run on the event loop.
 *
 * <pre>
 *                          next address
 *   Unconnected (resolves) ------------> Connected (one session)
 *        |           ^                       |  |
 *        | fails     +-----------------------+  | ends after it has delivered for a while,
 *        |             ends, addresses left     | or no address left, or CLOSE about the client
 *        +--------------> Ended &lt;--------------+
 * </pre>
 */
final class Attempt implements Session.Listener {

  private final Candidate candidate;
  private final Parts parts;
  private final Queue<InetAddress> untried = new ArrayDeque<>();
  private final int resets;

  private State state = new State.Unconnected();
  private Listener listener;
  private ServerAddress address;
  private long allowed = Long.MAX_VALUE;
  private boolean admitted;
  private boolean healthy;
  private boolean starved;
  private Duration retryAfter = Duration.ZERO;

  /** Whether all addresses so far are those of servers that other streams use. */
  private boolean onlySame = true;

  private sealed interface State {
    /** The name is being resolved, or the connection to the next address is about to start. */
    record Unconnected() implements State {}

    record Connected(Session session) implements State {}

    record Ended() implements State {}
  }

  /** The parts that all attempts of a stream share. */
  record Parts(
      SystemResolver resolver,
      Connections connections,
      Session.Settings settings,
      StreamTimings timings,
      StreamStatus.Stream status,
      DistinctServers servers) {

    EventLoop loop() {
      return connections.loop();
    }

    /** The clock of the event loop. */
    long nanoTime() {
      return loop().ticker().nanoTime();
    }
  }

  /** Receives the events of an attempt, on the event loop. */
  interface Listener {

    /** A server at one of the addresses has admitted the client. */
    void onWelcome(Attempt attempt, ServerFrame.Welcome welcome);

    /** A sample was received. It is zeroed after the call. */
    void onSample(Attempt attempt, ServerFrame.Sample sample);

    /** The server has not answered for one keepalive, or another one. */
    void onSilence();

    /** The server has owed samples for some keepalives, or for another one. */
    void onOverdue(Attempt attempt);

    /** An address failed, or its session ended; the attempt continues with the next address. */
    void onAddressFailure(Attempt attempt, DisconnectReason reason);

    /**
     * The attempt has ended. This event is reported once, and not after {@link #leave}.
     *
     * @param reason the reason of the last address, with the longest retry-after of all addresses
     *     since one has delivered for a while
     */
    void onEnd(Attempt attempt, DisconnectReason reason);
  }

  Attempt(Candidate candidate, Parts parts, Listener listener) {
    this.candidate = candidate;
    this.parts = parts;
    this.listener = listener;
    address = candidate.server();
    resets = candidate.resets();
  }

  Candidate candidate() {
    return candidate;
  }

  /** Returns the target of the last connection, or the configured address before the first one. */
  ServerAddress address() {
    return address;
  }

  /** Returns the WELCOME of the present session. */
  Optional<ServerFrame.Welcome> welcome() {
    return state instanceof State.Connected(Session session) ? session.welcome() : Optional.empty();
  }

  /** Returns the parameters of the present session's TLS connection; empty without TLS. */
  Optional<Negotiated> tls() {
    return state instanceof State.Connected(Session session) ? session.tls() : Optional.empty();
  }

  /** Replaces the listener. */
  void setListener(Listener next) {
    listener = next;
  }

  /** Sets how many more samples its sessions may request; at first there is no limit. */
  void allow(long samples) {
    allowed = samples;
    if (state instanceof State.Connected(Session session)) {
      session.allow(samples);
    }
  }

  /** Requests more samples if the buffer has space for them. */
  void request() {
    if (state instanceof State.Connected(Session session)) {
      session.request();
    }
  }

  /** Stored first, because the random numbers may be unavailable. */
  boolean wasHealthy() {
    return healthy;
  }

  /** Returns whether the client was admitted at any of the addresses. */
  boolean wasAdmitted() {
    return admitted;
  }

  /**
   * Records at the candidate that the attempt has ended.
   *
   * @return the pause before the next attempt. It is zero if the client was not admitted and all
   *     pauses were ended since the attempt began, because the attempt used the old certificate.
   */
  Duration recordEnd(DisconnectReason reason) {
    if (healthy) {
      candidate.markHealthy();
    }
    if (starved) {
      candidate.recordStarvation();
    }
    return !admitted && resets != candidate.resets()
        ? Duration.ZERO
        : candidate.recordFailure(parts.nanoTime(), reason.retryAfter());
  }

  void start() {
    candidate.use();
    parts
        .resolver()
        .resolve(
            candidate.server().host(),
            parts.loop(),
            addresses -> {
              untried.addAll(addresses);
              connect();
            },
            error -> end(DisconnectReason.of(error)));
  }

  private void connect() {
    if (state instanceof State.Ended) {
      return;
    }
    try {
      InetAddress named = SystemResolver.withName(candidate.certificateName(), untried.remove());
      InetSocketAddress target = new InetSocketAddress(named, candidate.server().port());
      address = new ServerAddress(NetUtil.toAddressString(target.getAddress()), target.getPort());
      Session session = new Session(parts.settings(), candidate.starvedInARow(), this);
      session.allow(allowed);
      state = new State.Connected(session);
      parts.connections().connect(target, session);
    } catch (RuntimeException | Error e) {
      end(DisconnectReason.of(e));
    }
  }

  @Override
  public void onWelcome(ServerFrame.Welcome welcome) {
    if (!(state instanceof State.Connected(Session session))) {
      return;
    }
    parts
        .servers()
        .claim(this, parts.status(), session.certificate(), welcome.epoch())
        .ifPresentOrElse(
            other -> {
              session.leave(parts.timings().bye(), () -> {});
              onEnd(DisconnectReason.sameServer(other), Duration.ZERO);
            },
            () -> {
              admitted = true;
              listener.onWelcome(this, welcome);
            });
  }

  @Override
  public void onSample(ServerFrame.Sample sample) {
    listener.onSample(this, sample);
  }

  @Override
  public void onSilence() {
    listener.onSilence();
  }

  @Override
  public void onOverdue() {
    listener.onOverdue(this);
  }

  @Override
  public void onEnd(DisconnectReason reason, Duration deliveryTime) {
    if (!(state instanceof State.Connected)) {
      return;
    }
    parts.servers().release(this, parts.nanoTime());
    boolean delivered = deliveryTime.compareTo(parts.timings().proof()) >= 0;
    if (delivered) {
      // Earlier failures at other addresses no longer count.
      retryAfter = Duration.ZERO;
      starved = false;
    }
    healthy = delivered && reason.cause() != Cause.STARVED;
    starved |= reason.cause() == Cause.STARVED;
    if (reason.cause() != Cause.SAME_SERVER) {
      onlySame = false;
      retryAfter = reason.retryAfter().compareTo(retryAfter) > 0 ? reason.retryAfter() : retryAfter;
    }
    if (healthy || untried.isEmpty() || reason.isAboutClient()) {
      end(reason);
    } else {
      state = new State.Unconnected();
      parts.status().countFailure(reason);
      listener.onAddressFailure(this, reason);
      // Runs later, because the present connection must close first.
      parts.loop().execute(this::connect);
    }
  }

  private void end(DisconnectReason reason) {
    if (!(state instanceof State.Ended)) {
      state = new State.Ended();
      candidate.release();
      parts.status().countFailure(reason);
      listener.onEnd(this, onlySame ? reason : reason.withRetryAfter(retryAfter));
    }
  }

  /**
   * Sends BYE if a connection exists, and ends without an event.
   *
   * @param callback is called when the connection is closed
   */
  void leave(Runnable callback) {
    State last = state;
    state = new State.Ended();
    if (!(last instanceof State.Ended)) {
      candidate.release();
      parts.servers().release(this, parts.nanoTime());
    }
    if (last instanceof State.Connected(Session session)) {
      session.leave(parts.timings().bye(), callback);
    } else {
      callback.run();
    }
  }
}
