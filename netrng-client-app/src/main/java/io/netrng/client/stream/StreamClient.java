package io.netrng.client.stream;

import io.netrng.client.rngd.FeedBuffer;
import io.netrng.client.stream.Candidates.Candidate;
import io.netrng.protocol.ClientFrame;
import io.netrng.protocol.ServerFrame;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

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
 * While it streams from a lesser server, {@link Failback} tries those that are preferred beside the
 * stream, and returns it to one that delivers.
 */
public final class StreamClient implements SmartLifecycle, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(StreamClient.class);

  private final StreamProperties properties;
  private final FeedBuffer feed;
  private final StreamTimings timings;
  private final Connections connections;
  private final EventLoop loop;
  private final Attempt.Parts parts;
  private final Candidates candidates;
  private final Failback failback;
  private final Attempt.Listener listener = new AttemptListener();
  private final Outstanding outstanding = new Outstanding();
  private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
  private final LongAdder failbacks = new LongAdder();
  private final LongAdder receivedBytes = new LongAdder();

  private volatile boolean running;
  private volatile StreamState state = new StreamState.Stopped();
  private volatile Granted granted = new Granted(0, 0);

  /** In bytes per second, and bytes. */
  private record Granted(long guarantee, long sampleSize) {}

  private @Nullable Attempt current;
  private @Nullable Future<?> waiting;
  private String why = "";

  /**
   * Makes a client that is not started.
   *
   * @param tls is asked at each connection; null goes by plain TCP
   * @param lookup resolves the servers' names
   */
  StreamClient(
      StreamProperties properties,
      FeedBuffer feed,
      StreamTimings timings,
      @Nullable Supplier<SslContext> tls,
      SystemResolver.Lookup lookup) {
    this(
        properties,
        feed,
        timings,
        new Connector(timings.connect(), timings.bye(), tls),
        new SystemResolver(lookup, timings.lookup()),
        new KernelRandom());
  }

  StreamClient(
      StreamProperties properties,
      FeedBuffer feed,
      StreamTimings timings,
      Connections connections,
      SystemResolver resolver,
      RandomGenerator random) {
    this.properties = properties;
    this.feed = feed;
    this.timings = timings;
    this.connections = connections;
    loop = connections.loop();
    parts = new Attempt.Parts(loop, resolver, connections, this::newSession, timings);
    candidates = new Candidates(properties.servers(), nanoTime(), random);
    failback = new Failback(candidates, parts, random, new FailbackListener());
  }

  /** The event loop's own clock, which any thread may read. */
  private long nanoTime() {
    return loop.ticker().nanoTime();
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
      case StreamState.Streaming _ when failback.isTrying(server) -> ServerState.CONNECTING;
      case StreamState.Streaming _,
          StreamState.Connecting _,
          StreamState.Waiting _,
          StreamState.Stopped _ ->
          candidates.rests(server, nanoTime()) ? ServerState.WAITING : ServerState.STANDBY;
    };
  }

  /** The entropy received so far. */
  public long receivedBytes() {
    return receivedBytes.sum();
  }

  /**
   * The time in which three blocks of {@code rngd} and three samples are due at the rate that the
   * present or the last server has granted, as far as this client draws it; empty if there is none.
   */
  public Optional<Duration> dueWithin() {
    Granted last = granted;
    return Starvation.due(
        Math.min(last.guarantee, properties.maxRate().bytesPerSecond()), last.sampleSize);
  }

  /** How many connections have failed or ended so far for a reason of {@link #reasons()}. */
  public long failures(String reason) {
    LongAdder count = failures.get(reason);
    return count == null ? 0 : count.sum();
  }

  /** The reasons for which a connection fails or ends. */
  public static List<String> reasons() {
    return Ending.reasons();
  }

  /** How often the stream has returned to a preferred server so far. */
  public long failbacks() {
    return failbacks.sum();
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
    feed.onFreeSpace(() -> loop.execute(this::request));
    loop.execute(this::next);
  }

  private Session newSession(Candidate candidate, Session.Listener listener) {
    return new Session(
        new ClientFrame.Hello(properties.guarantee().bytesPerSecond(), properties.name()),
        properties.maxRate(),
        feed,
        outstanding,
        timings.welcome(),
        new Starvation(timings.starvedGuaranteed(), timings.starvedBestEffort()),
        candidate.starvedInARow(),
        listener);
  }

  private void request() {
    failback.request();
    if (current != null) {
      current.request();
    }
  }

  private void next() {
    if (!running) {
      return;
    }
    waiting = null;
    Candidate candidate = candidates.next(nanoTime());
    long wait = candidate.nanosToWait(nanoTime());
    if (wait > 0) {
      state = new StreamState.Waiting(candidate.server(), why, Instant.now().plusNanos(wait));
      waiting = loop.schedule(this::next, wait, TimeUnit.NANOSECONDS);
    } else {
      connect(candidate);
    }
  }

  private void connect(Candidate candidate) {
    state = new StreamState.Connecting(candidate.server());
    Attempt attempt = new Attempt(candidate, parts, listener);
    current = attempt;
    attempt.start();
  }

  private void streaming(Attempt attempt, ServerFrame.Welcome welcome) {
    Candidate candidate = attempt.candidate();
    granted = new Granted(welcome.guarantee(), welcome.sampleSize());
    state =
        new StreamState.Streaming(
            candidate.server(),
            welcome.session(),
            welcome.epoch(),
            welcome.sampleSize(),
            welcome.guarantee());
    log.atInfo()
        .addKeyValue("server", candidate.server())
        .addKeyValue("address", attempt.address())
        .addKeyValue("session", Long.toUnsignedString(welcome.session()))
        .addKeyValue("epoch", welcome.epoch())
        .addKeyValue("sample-size", welcome.sampleSize())
        .addKeyValue("guarantee", welcome.guarantee())
        .addKeyValue("keepalive-ms", welcome.keepaliveMillis())
        .log("admitted by server");
    failback.streamingAt(candidate);
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

  private void addressFailed(Attempt attempt, Ending ending) {
    count(ending);
    state = new StreamState.Connecting(attempt.candidate().server());
    log.atWarn()
        .addKeyValue("server", attempt.candidate().server())
        .addKeyValue("address", attempt.address())
        .addKeyValue("reason", ending.reason())
        .addKeyValue("detail", ending.detail())
        .log("stream from an address of the server failed");
  }

  private void count(Ending ending) {
    failures.computeIfAbsent(ending.reason(), _ -> new LongAdder()).increment();
  }

  private void ended(Attempt attempt, Ending ending) {
    current = null;
    try {
      record(attempt, ending);
    } finally {
      // Not from within: the connection at hand must close first.
      loop.execute(this::goOn);
    }
  }

  private void record(Attempt attempt, Ending ending) {
    count(ending);
    ServerAddress server = attempt.candidate().server();
    why = server + " " + ending.cause().externalName() + ": " + ending.detail();
    if (attempt.wasAdmitted()) {
      failback.streamEnded(attempt.isProved());
    }
    Duration pause = attempt.recordEnd(ending);
    log.atWarn()
        .addKeyValue("server", server)
        .addKeyValue("address", attempt.address())
        .addKeyValue("reason", ending.reason())
        .addKeyValue("detail", ending.detail())
        .addKeyValue("retry-after-ms", pause.toMillis())
        .log("stream from server failed");
  }

  private void goOn() {
    if (current == null) {
      failback.takeTrial().ifPresentOrElse(this::goOnWith, this::next);
    }
  }

  private void goOnWith(Attempt trial) {
    current = trial;
    state = new StreamState.Connecting(trial.candidate().server());
    trial.handTo(listener);
    trial.welcome().ifPresent(welcome -> streaming(trial, welcome));
    trial.allow(Long.MAX_VALUE);
  }

  private void returned(Attempt preferred, ServerFrame.Sample sample) {
    Attempt lesser = current;
    failbacks.increment();
    log.atInfo()
        .addKeyValue("server", preferred.candidate().server())
        .addKeyValue("address", preferred.address())
        .log("returned to a preferred server");
    goOnWith(preferred);
    received(sample);
    if (lesser != null) {
      lesser.leave(() -> {});
    }
  }

  private final class FailbackListener implements Failback.Listener {

    @Override
    public void returned(Attempt attempt, ServerFrame.Sample sample) {
      StreamClient.this.returned(attempt, sample);
    }

    @Override
    public void failed(Ending ending) {
      count(ending);
    }
  }

  private final class AttemptListener implements Attempt.Listener {

    @Override
    public void welcomed(Attempt attempt, ServerFrame.Welcome welcome) {
      streaming(attempt, welcome);
    }

    @Override
    public void received(Attempt attempt, ServerFrame.Sample sample) {
      StreamClient.this.received(sample);
    }

    @Override
    public void addressFailed(Attempt attempt, Ending ending) {
      StreamClient.this.addressFailed(attempt, ending);
    }

    @Override
    public void ended(Attempt attempt, Ending ending) {
      StreamClient.this.ended(attempt, ending);
    }
  }

  /**
   * Ends a wait at once, and all pauses of servers: what was refused may be granted with another
   * configuration or certificate. If an attempt in progress fails, the next one follows at once. A
   * stream that stands is not interrupted.
   */
  public void retryNow() {
    loop.execute(() -> {
      candidates.endPauses(nanoTime());
      if (waiting != null && waiting.cancel(false)) {
        next();
      }
    });
  }

  @Override
  public void stop(Runnable callback) {
    running = false;
    loop.execute(() -> leave(callback));
  }

  private void leave(Runnable callback) {
    state = new StreamState.Stopped();
    log.atInfo().log("stream stopped");
    if (waiting != null) {
      waiting.cancel(false);
    }
    Runnable leaveCurrent =
        () -> {
          if (current == null) {
            callback.run();
          } else {
            current.leave(callback);
          }
        };
    failback.takeTrial().ifPresentOrElse(trial -> trial.leave(leaveCurrent), leaveCurrent);
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
    connections.close();
  }
}
