package io.netrng.client.stream;

import io.netrng.client.rngd.FeedBuffer;
import io.netrng.client.stream.Candidates.Candidate;
import io.netrng.client.stream.Ending.Cause;
import io.netrng.protocol.ClientFrame;
import io.netrng.protocol.ServerFrame;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.netty.resources.LoopResources;

/**
 * Keeps a stream from the best server that lets the client in, for ever. One event loop does all
 * there is to do.
 *
 * <pre>
 *              start             WELCOME
 *   Stopped ---------&gt; Connecting --------&gt; Streaming
 *      ^                 |  ^  ^                |
 *      |   fails, refused|  |  |     ends       |   the next server is tried at once,
 *      |                 v  |  +----------------+   if one may be
 *      |                Waiting &lt;---------------+
 *      +--- stop, from each
 * </pre>
 *
 * Having had to take a lesser server it stays there until that stream ends, and then begins again
 * with the one that is preferred.
 */
public final class StreamClient implements SmartLifecycle, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(StreamClient.class);

  private final StreamProperties properties;
  private final FeedBuffer feed;
  private final StreamTimings timings;
  private final LoopResources loops = LoopResources.create("netrng-stream", 1, true);
  private final EventLoop loop = loops.onClient(true).next();
  private final Connector connector;
  private final Candidates candidates;
  private final LongAdder receivedBytes = new LongAdder();

  private volatile boolean running;
  private volatile StreamState state = new StreamState.Stopped();
  private volatile long guarantee;

  private @Nullable Session session;
  private @Nullable Disposable connecting;
  private @Nullable Channel channel;
  private @Nullable Future<?> waiting;
  private String why = "";
  private long welcomedAt;
  private long receivedAtWelcome;

  /**
   * Makes a client that is not started.
   *
   * @param tls is asked at each connection; null goes by plain TCP
   */
  StreamClient(
      StreamProperties properties,
      FeedBuffer feed,
      StreamTimings timings,
      @Nullable Supplier<SslContext> tls) {
    this.properties = properties;
    this.feed = feed;
    this.timings = timings;
    connector = new Connector(loops, timings.connect(), tls);
    candidates = new Candidates(properties.servers(), System.nanoTime(), new SplittableRandom());
  }

  /** What it is at. */
  public StreamState state() {
    return state;
  }

  /** The servers that are configured, in the order of preference. */
  public List<ServerAddress> servers() {
    return properties.servers();
  }

  /** What a server is to this client now. */
  public ServerState stateOf(ServerAddress server) {
    return switch (state) {
      case StreamState.Streaming streaming when streaming.server().equals(server) ->
          ServerState.STREAMING;
      case StreamState.Connecting connecting when connecting.server().equals(server) ->
          ServerState.CONNECTING;
      case StreamState.Streaming _,
          StreamState.Connecting _,
          StreamState.Waiting _,
          StreamState.Stopped _ ->
          candidates.rests(server, System.nanoTime()) ? ServerState.WAITING : ServerState.STANDBY;
    };
  }

  /** The entropy received so far. */
  public long receivedBytes() {
    return receivedBytes.sum();
  }

  /**
   * The rate in bytes per second that the present or the last server has granted, as far as this
   * client draws it; empty if there is none.
   */
  public Optional<Long> grantedRate() {
    long rate = Math.min(guarantee, properties.maxRate().bytesPerSecond());
    return rate == 0 ? Optional.empty() : Optional.of(rate);
  }

  /** The one thread that does all there is to do. */
  public Executor thread() {
    return loop;
  }

  @Override
  public void start() {
    running = true;
    log.atInfo()
        .addKeyValue("servers", properties.servers())
        .addKeyValue("client", properties.name())
        .addKeyValue("guarantee", properties.guarantee().bytesPerSecond())
        .addKeyValue("max-rate", properties.maxRate())
        .log("drawing entropy");
    feed.onRoom(() -> loop.execute(this::request));
    loop.execute(this::next);
  }

  private void request() {
    if (session != null) {
      session.request();
    }
  }

  private void next() {
    if (!running) {
      return;
    }
    Candidate candidate = candidates.next(System.nanoTime());
    long wait = candidate.nanosToWait(System.nanoTime());
    if (wait > 0) {
      state = new StreamState.Waiting(candidate.server(), why, Instant.now().plusNanos(wait));
      waiting = loop.schedule(this::next, wait, TimeUnit.NANOSECONDS);
    } else {
      connect(candidate);
    }
  }

  private void connect(Candidate candidate) {
    state = new StreamState.Connecting(candidate.server());
    Session attempt =
        new Session(
            new ClientFrame.Hello(properties.guarantee().bytesPerSecond(), properties.name()),
            properties.maxRate(),
            feed,
            timings.welcome(),
            welcome -> welcomed(candidate, welcome),
            this::received,
            ending -> ended(candidate, ending));
    session = attempt;
    connecting =
        connector.connect(
            candidate.server(),
            attempt,
            opened -> channel = opened,
            error -> loop.execute(() -> attempt.end(Ending.of(error))));
  }

  private void welcomed(Candidate candidate, ServerFrame.Welcome welcome) {
    welcomedAt = System.nanoTime();
    receivedAtWelcome = receivedBytes();
    guarantee = welcome.guarantee();
    state =
        new StreamState.Streaming(
            candidate.server(),
            welcome.session(),
            welcome.epoch(),
            welcome.sampleSize(),
            welcome.guarantee());
    log.atInfo()
        .addKeyValue("server", candidate.server())
        .addKeyValue("session", Long.toUnsignedString(welcome.session()))
        .addKeyValue("epoch", welcome.epoch())
        .addKeyValue("sample-size", welcome.sampleSize())
        .addKeyValue("guarantee", welcome.guarantee())
        .addKeyValue("keepalive-ms", welcome.keepaliveMillis())
        .log("the server lets the client in");
  }

  private void received(ServerFrame.Sample sample) {
    int size = sample.entropy().readableBytes();
    receivedBytes.add(size);
    if (log.isDebugEnabled() && state instanceof StreamState.Streaming streaming) {
      log.atDebug()
          .addKeyValue("epoch", streaming.epoch())
          .addKeyValue("offset", Long.toUnsignedString(sample.offset()))
          .addKeyValue("size", size)
          .log("sample");
    }
  }

  private void ended(Candidate candidate, Ending ending) {
    session = null;
    if (ending.cause() == Cause.STOPPED) {
      return;
    }
    long now = System.nanoTime();
    if (state instanceof StreamState.Streaming
        && now - welcomedAt > timings.proof().toNanos()
        && receivedBytes() > receivedAtWelcome) {
      candidate.proved();
    }
    Duration pause = candidate.failed(now, ending.retryAfter());
    why = candidate.server() + " " + ending.cause().word() + ": " + ending.detail();
    log.atWarn()
        .addKeyValue("server", candidate.server())
        .addKeyValue("reason", ending.reason())
        .addKeyValue("detail", ending.detail())
        .addKeyValue("retry-after-ms", pause.toMillis())
        .log("no stream from this server");
    // Not from within: the connection at hand is to be out of the way first.
    loop.execute(this::next);
  }

  @Override
  public void stop(Runnable callback) {
    running = false;
    loop.execute(() -> leave(callback));
  }

  private void leave(Runnable callback) {
    state = new StreamState.Stopped();
    log.atInfo().log("the stream is stopped");
    if (waiting != null) {
      waiting.cancel(false);
    }
    if (session != null && !session.leave(timings.bye()) && channel != null) {
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

  /** Only the other one is called by Spring. */
  @Override
  public void stop() {
    stop(() -> {});
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** The last to start and the first to stop: there is no use in entropy without rngd. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE;
  }

  /** Ends the event loop; by then everything that may call into it has stopped. */
  @Override
  public void close() {
    loops.disposeLater(Duration.ZERO, timings.bye()).subscribe();
  }
}
