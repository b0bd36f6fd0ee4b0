package io.netrng.client.stream;

import io.netrng.client.stream.Candidates.Candidate;
import io.netrng.client.stream.DisconnectReason.Cause;
import io.netrng.protocol.ServerFrame;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * One attempt at one server. Its name is resolved, then each address is tried in the resolver's
 * order, with a connection and a session of its own, until one has delivered for a while. All of it
 * runs on the event loop.
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

  private sealed interface State {
    /** The name is being resolved, or the next address is about to be tried. */
    record Unconnected() implements State {}

    record Connected(Session session) implements State {}

    record Ended() implements State {}
  }

  /** What all attempts share. */
  record Parts(
      SystemResolver resolver,
      Connections connections,
      Session.Settings settings,
      StreamTimings timings,
      StreamStatus status) {

    EventLoop loop() {
      return connections.loop();
    }

    /** By the clock of the event loop. */
    long nanoTime() {
      return loop().ticker().nanoTime();
    }
  }

  /** Receives the events of an attempt, on the event loop. */
  interface Listener {

    /** A server at one of the addresses has admitted the client. */
    void onWelcome(Attempt attempt, ServerFrame.Welcome welcome);

    /** A sample was received; it is zeroed after the call. */
    void onSample(Attempt attempt, ServerFrame.Sample sample);

    /** An address failed, or its session ended; the attempt continues with the next address. */
    void onAddressFailure(Attempt attempt, DisconnectReason reason);

    /**
     * The attempt has ended, which is reported once, and not at all after {@link #leave}.
     *
     * @param reason of the last address, with the longest retry-after of all addresses since one
     *     has delivered for a while
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

  /** The target of the last connection, or the configured address if there was none. */
  ServerAddress address() {
    return address;
  }

  /** What the present session was admitted with. */
  Optional<ServerFrame.Welcome> welcome() {
    return state instanceof State.Connected(Session session) ? session.welcome() : Optional.empty();
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

  /** Whether the last session has delivered for a while and has not ended by starvation. */
  boolean wasHealthy() {
    return healthy;
  }

  /** Whether a server at any of the addresses has admitted the client. */
  boolean wasAdmitted() {
    return admitted;
  }

  /**
   * Records at the candidate that the attempt has ended.
   *
   * @return the pause before the next attempt; none after a refusal of an attempt that was in
   *     progress when the pauses were ended, because it began with the old certificate
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
      InetSocketAddress target = new InetSocketAddress(untried.remove(), candidate.server().port());
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
    admitted = true;
    listener.onWelcome(this, welcome);
  }

  @Override
  public void onSample(ServerFrame.Sample sample) {
    listener.onSample(this, sample);
  }

  @Override
  public void onEnd(DisconnectReason reason, Duration deliveryTime) {
    if (!(state instanceof State.Connected)) {
      return;
    }
    boolean delivered = deliveryTime.compareTo(parts.timings().proof()) >= 0;
    if (delivered) {
      // What happened at other addresses before does not count any more.
      retryAfter = Duration.ZERO;
      starved = false;
    }
    healthy = delivered && reason.cause() != Cause.STARVED;
    starved |= reason.cause() == Cause.STARVED;
    retryAfter = reason.retryAfter().compareTo(retryAfter) > 0 ? reason.retryAfter() : retryAfter;
    if (healthy || untried.isEmpty() || reason.isAboutClient()) {
      end(reason);
    } else {
      state = new State.Unconnected();
      parts.status().countFailure(reason);
      listener.onAddressFailure(this, reason);
      // Not from within: the present connection must close first.
      parts.loop().execute(this::connect);
    }
  }

  private void end(DisconnectReason reason) {
    if (!(state instanceof State.Ended)) {
      state = new State.Ended();
      parts.status().countFailure(reason);
      listener.onEnd(this, reason.withRetryAfter(retryAfter));
    }
  }

  /**
   * Leaves the server if there is a connection, and ends without an event.
   *
   * @param callback is called when the connection is closed
   */
  void leave(Runnable callback) {
    State last = state;
    state = new State.Ended();
    if (last instanceof State.Connected(Session session)) {
      session.leave(parts.timings().bye(), callback);
    } else {
      callback.run();
    }
  }
}
