package io.netrng.client.stream;

import io.netrng.client.stream.Candidates.Candidate;
import io.netrng.client.stream.Ending.Cause;
import io.netrng.protocol.ServerFrame;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * One attempt at one server. Its name is resolved, then each address is tried in the resolver's
 * order, with a connection and a session of its own, until one delivers. The event loop does all
 * there is to do.
 *
 * <pre>
 *              addresses              WELCOME
 *   resolving ----------&gt; connecting --------&gt; admitted
 *       |                   |  ^  |               |  |
 *       |      next address +--+  +---------------+  | ends after it has delivered for a while,
 *       | fails             | no address left,       | or no address left,
 *       |                   | or CLOSE about client  | or CLOSE about the client
 *       +-------------------+------&gt; ended &lt;---------+
 * </pre>
 */
final class Attempt {

  private final Candidate candidate;
  private final Parts parts;
  private final Queue<InetAddress> untried = new ArrayDeque<>();

  private @Nullable InetSocketAddress address;
  private @Nullable Session session;
  private @Nullable Disposable connecting;
  private @Nullable Channel channel;
  private Listener listener;
  private ServerFrame.@Nullable Welcome welcome;
  private long allowed = Long.MAX_VALUE;
  private boolean admitted;
  private boolean received;
  private boolean delivered;
  private boolean proved;
  private long firstSampleAt;
  private boolean starved;
  private int pausesEnded;
  private boolean ended;
  private Duration retryAfter = Duration.ZERO;

  /**
   * What all attempts share.
   *
   * @param loop does all there is to do
   */
  record Parts(
      EventLoop loop,
      SystemResolver resolver,
      Connections connections,
      SessionFactory sessions,
      StreamTimings timings) {}

  /** Makes a session for each connection. */
  @FunctionalInterface
  interface SessionFactory {

    /** Returns a new session. */
    Session create(Candidate candidate, Session.Listener listener);
  }

  /** Learns what becomes of the attempt, on the event loop. */
  interface Listener {

    /** A server at one of the addresses has admitted the client. */
    void welcomed(Attempt attempt, ServerFrame.Welcome welcome);

    /** A sample came; it is zeroed after the call. */
    void received(Attempt attempt, ServerFrame.Sample sample);

    /** An address failed, or its session ended; the attempt continues with the next address. */
    void addressFailed(Attempt attempt, Ending ending);

    /**
     * The attempt is over, which is told once.
     *
     * @param ending of the last address, with the longest retry-after of all addresses since one
     *     has delivered for a while
     */
    void ended(Attempt attempt, Ending ending);
  }

  Attempt(Candidate candidate, Parts parts, Listener listener) {
    this.candidate = candidate;
    this.parts = parts;
    this.listener = listener;
  }

  Candidate candidate() {
    return candidate;
  }

  /** Where the last connection went, or the configured address if none did. */
  ServerAddress address() {
    return address == null
        ? candidate.server()
        : new ServerAddress(NetUtil.toAddressString(address.getAddress()), address.getPort());
  }

  /** What the session at hand was admitted with. */
  Optional<ServerFrame.Welcome> welcome() {
    return Optional.ofNullable(welcome);
  }

  /** Tells another listener from now on. */
  void handTo(Listener next) {
    listener = next;
  }

  /** Sets how many samples more its sessions may ask for; at first there is no limit. */
  void allow(long samples) {
    allowed = samples;
    if (session != null) {
      session.allow(samples);
    }
  }

  /**
   * Whether the last session has sent samples over a while and has ended for another reason than
   * that it starved.
   */
  boolean isProved() {
    return proved;
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
  Duration recordEnd(Ending ending) {
    if (proved) {
      candidate.proved();
    }
    if (starved) {
      candidate.starved();
    }
    return !admitted && pausesEnded != candidate.pausesEnded()
        ? Duration.ZERO
        : candidate.failed(nanoTime(), ending.retryAfter());
  }

  /** Begins. */
  void start() {
    pausesEnded = candidate.pausesEnded();
    parts
        .resolver()
        .resolve(
            candidate.server().host(),
            parts.loop(),
            addresses -> {
              untried.addAll(addresses);
              connect();
            },
            error -> end(Ending.of(error)));
  }

  private void connect() {
    if (ended) {
      return;
    }
    try {
      connectTo(new InetSocketAddress(untried.remove(), candidate.server().port()));
    } catch (RuntimeException | Error e) {
      end(Ending.of(e));
    }
  }

  private void connectTo(InetSocketAddress target) {
    Session tried = parts.sessions().create(candidate, new SessionListener());
    tried.allow(allowed);
    address = target;
    session = tried;
    connecting =
        parts
            .connections()
            .connect(
                target,
                tried,
                opened -> channel = opened,
                error -> parts.loop().execute(() -> tried.end(Ending.of(error))));
  }

  private long nanoTime() {
    return parts.loop().ticker().nanoTime();
  }

  /** Asks for more if there is a use for more. */
  void request() {
    if (session != null) {
      session.request();
    }
  }

  private final class SessionListener implements Session.Listener {

    @Override
    public void welcomed(ServerFrame.Welcome first) {
      welcome = first;
      admitted = true;
      received = false;
      delivered = false;
      listener.welcomed(Attempt.this, first);
    }

    @Override
    public void received(ServerFrame.Sample sample) {
      firstSampleAt = received ? firstSampleAt : nanoTime();
      received = true;
      if (!delivered && nanoTime() - firstSampleAt >= parts.timings().proof().toNanos()) {
        delivered = true;
        // What other addresses have asked for before does not count any more.
        retryAfter = Duration.ZERO;
        starved = false;
      }
      listener.received(Attempt.this, sample);
    }

    @Override
    public void ended(Ending ending) {
      session = null;
      if (ended) {
        return;
      }
      starved |= ending.cause() == Cause.STARVED;
      retryAfter = ending.retryAfter().compareTo(retryAfter) > 0 ? ending.retryAfter() : retryAfter;
      proved = welcome != null && delivered && ending.cause() != Cause.STARVED;
      if (proved || untried.isEmpty() || ending.isAboutClient()) {
        end(ending);
      } else {
        welcome = null;
        listener.addressFailed(Attempt.this, ending);
        // Not from within: the connection at hand must close first.
        parts.loop().execute(Attempt.this::connect);
      }
    }
  }

  private void end(Ending ending) {
    if (!ended) {
      ended = true;
      listener.ended(this, ending.withRetryAfter(retryAfter));
    }
  }

  /**
   * Says BYE if there is a session, and ends without telling the listener.
   *
   * @param callback is called when the connection is closed
   */
  void leave(Runnable callback) {
    ended = true;
    boolean said = session != null && session.leave(parts.timings().bye());
    if (!said && channel != null) {
      // In the middle of a handshake, which may take its time.
      var _ = channel.close();
    }
    if (channel != null && channel.isActive()) {
      channel.closeFuture().addListener(closed -> callback.run());
      return;
    }
    if (connecting != null) {
      connecting.dispose();
    }
    callback.run();
  }
}
