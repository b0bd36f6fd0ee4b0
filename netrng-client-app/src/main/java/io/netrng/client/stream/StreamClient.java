// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.audit.AuditLog;
import io.netrng.audit.AuditSession;
import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.stream.Candidates.Candidate;
import io.netrng.protocol.ClientFrame;
import io.netrng.protocol.ServerFrame;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Keeps a stream from the most preferred server that admits the client. It selects a server,
 * attempts to stream from it, and continues with the next one when the attempt has ended. All
 * methods run on one event loop; {@link StreamStatus} provides the state to other threads.
 *
 * <pre>
 *              start            select a server
 *   Stopped ---------> Ready -------------------> Trying (one attempt)
 *      ^                |  ^                        ^  |
 *      |  all back off  |  |         ends           |  |
 *      |                |  +------------------------|--+
 *      |                v       the pause ends      |
 *      |              Waiting ----------------------+
 *      +--- stop, from each
 * </pre>
 *
 * While the stream is at a less preferred server, {@link Failback} tries the preferred ones beside
 * it. It returns the stream to a preferred server that delivers.
 */
public final class StreamClient implements SmartLifecycle, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(StreamClient.class);

  private final StreamProperties properties;
  private final FeedBuffer feed;
  private final Connections connections;
  private final EventLoop loop;
  private final Candidates candidates;
  private final StreamStatus status;
  private final Attempt.Parts parts;
  private final AuditLog audit;
  private final Failback failback;
  private final Attempt.Listener listener = new AttemptListener();

  private volatile State state = new State.Stopped();
  private String lastEnd = "";

  private sealed interface State {
    record Stopped() implements State {}

    /** The client selects the next server at once. */
    record Ready() implements State {}

    record Waiting(Future<?> timer) implements State {}

    record Trying(Attempt attempt) implements State {}
  }

  /**
   * Makes a client that is not started.
   *
   * @param tls supplies the context of each connection; null uses plain TCP
   * @param lookup resolves the servers' names
   */
  StreamClient(
      StreamProperties properties,
      FeedBuffer feed,
      StreamTimings timings,
      @Nullable Supplier<SslContext> tls,
      SystemResolver.Lookup lookup,
      AuditLog audit) {
    this(
        properties,
        feed,
        timings,
        new Connector(timings.connect(), timings.bye(), tls),
        new SystemResolver(lookup, timings.lookup()),
        new KernelRandom(),
        audit);
  }

  StreamClient(
      StreamProperties properties,
      FeedBuffer feed,
      StreamTimings timings,
      Connections connections,
      SystemResolver resolver,
      RandomGenerator random,
      AuditLog audit) {
    this.properties = properties;
    this.audit = audit;
    this.feed = feed;
    this.connections = connections;
    loop = connections.loop();
    candidates = new Candidates(properties.servers(), nanoTime(), random);
    status = new StreamStatus(properties, candidates, this::nanoTime);
    Session.Settings settings =
        new Session.Settings(
            new ClientFrame.Hello(properties.guarantee().bytesPerSecond(), properties.name()),
            timings.welcome(),
            properties.maxRate(),
            properties.sink(),
            feed,
            new AtomicLong(),
            new Starvation(
                properties.sink().piece(),
                timings.starvedGuaranteed(),
                timings.starvedBestEffort()));
    parts = new Attempt.Parts(resolver, connections, settings, timings, status);
    failback = new Failback(candidates, parts, random, this::returnTo);
  }

  /** The clock of the event loop. Any thread may call this method. */
  private long nanoTime() {
    return loop.ticker().nanoTime();
  }

  /** The state of the stream. Any thread may call this method. */
  StreamStatus status() {
    return status;
  }

  /** The thread of the event loop. */
  public Executor thread() {
    return loop;
  }

  @Override
  public void start() {
    state = new State.Ready();
    log.atInfo()
        .addKeyValue("servers", properties.servers())
        .addKeyValue("client", properties.name())
        .addKeyValue("guarantee", properties.guarantee().bytesPerSecond())
        .addKeyValue("max-rate", properties.maxRate())
        .log("drawing entropy");
    feed.onFreeSpace(() -> loop.execute(this::request));
    loop.execute(this::proceed);
  }

  private void request() {
    failback.request();
    if (state instanceof State.Trying(Attempt attempt)) {
      attempt.request();
    }
  }

  /**
   * Continues with the trial of a preferred server if one is in progress, else with the next
   * server.
   */
  private void proceed() {
    if (state instanceof State.Ready) {
      failback.takeTrial().ifPresentOrElse(this::adopt, this::tryNext);
    }
  }

  private void tryNext() {
    Candidate candidate = candidates.select(nanoTime());
    long wait = candidate.nanosToWait(nanoTime());
    if (wait > 0) {
      status.setState(
          new StreamState.Waiting(candidate.server(), lastEnd, Instant.now().plusNanos(wait)));
      state = new State.Waiting(loop.schedule(this::tryNext, wait, TimeUnit.NANOSECONDS));
    } else {
      Attempt attempt = new Attempt(candidate, parts, listener);
      setAttempt(attempt);
      attempt.start();
    }
  }

  private void setAttempt(Attempt attempt) {
    state = new State.Trying(attempt);
    status.setState(new StreamState.Connecting(attempt.candidate().server()));
  }

  private void adopt(Attempt trial) {
    if (properties.sink().isOfOneSession()) {
      feed.clear();
    }
    setAttempt(trial);
    trial.setListener(listener);
    trial.welcome().ifPresent(welcome -> listener.onWelcome(trial, welcome));
    trial.allow(Long.MAX_VALUE);
  }

  private void returnTo(Attempt preferred, ServerFrame.Sample sample) {
    State lesser = state;
    status.countFailback();
    log.atInfo()
        .addKeyValue("server", preferred.candidate().server())
        .addKeyValue("address", preferred.address())
        .log("returned to a preferred server");
    adopt(preferred);
    listener.onSample(preferred, sample);
    if (lesser instanceof State.Trying(Attempt attempt)) {
      attempt.leave(() -> {});
    }
  }

  private final class AttemptListener implements Attempt.Listener {

    /** The session of the last WELCOME, which all samples are from. */
    private @Nullable AuditSession audited;

    @Override
    public void onWelcome(Attempt attempt, ServerFrame.Welcome welcome) {
      Candidate candidate = attempt.candidate();
      status.setState(
          new StreamState.Streaming(
              candidate.server(),
              welcome.session(),
              welcome.epoch(),
              welcome.sampleSize(),
              welcome.guarantee()));
      log.atInfo()
          .addKeyValue("server", candidate.server())
          .addKeyValue("address", attempt.address())
          .addKeyValue("session", Long.toUnsignedString(welcome.session()))
          .addKeyValue("epoch", welcome.epoch())
          .addKeyValue("sample-size", welcome.sampleSize())
          .addKeyValue("guarantee", welcome.guarantee())
          .addKeyValue("keepalive-ms", welcome.keepaliveMillis())
          .log("admitted by server");
      audited =
          AuditSession.received(
              welcome.epoch(),
              welcome.session(),
              candidate.server().toString(),
              welcome.guarantee());
      failback.onStream(candidate);
    }

    @Override
    public void onSample(Attempt attempt, ServerFrame.Sample sample) {
      int size = sample.entropy().readableBytes();
      status.countReceived(size);
      if (audited != null) {
        audit.append(audited, sample.offset(), size);
      }
      if (log.isDebugEnabled() && status.state() instanceof StreamState.Streaming streaming) {
        log.atDebug()
            .addKeyValue("epoch", streaming.epoch())
            .addKeyValue("offset", Long.toUnsignedString(sample.offset()))
            .addKeyValue("size", size)
            .log("sample");
      }
    }

    @Override
    public void onAddressFailure(Attempt attempt, DisconnectReason reason) {
      status.setState(new StreamState.Connecting(attempt.candidate().server()));
      log.atWarn()
          .addKeyValue("server", attempt.candidate().server())
          .addKeyValue("address", attempt.address())
          .addKeyValue("reason", reason.tag())
          .addKeyValue("detail", reason.detail())
          .log("stream from an address of the server failed");
    }

    @Override
    public void onEnd(Attempt attempt, DisconnectReason reason) {
      state = new State.Ready();
      // Runs later, because the present connection must close first.
      loop.execute(StreamClient.this::proceed);
      ServerAddress server = attempt.candidate().server();
      lastEnd = server + " " + reason.cause().externalName() + ": " + reason.detail();
      if (attempt.wasAdmitted()) {
        failback.onStreamEnd(attempt.wasHealthy());
      }
      Duration pause = attempt.recordEnd(reason);
      log.atWarn()
          .addKeyValue("server", server)
          .addKeyValue("address", attempt.address())
          .addKeyValue("reason", reason.tag())
          .addKeyValue("detail", reason.detail())
          .addKeyValue("retry-after-ms", pause.toMillis())
          .log("stream from server failed");
    }
  }

  /**
   * Ends a wait and all pauses of servers at once, because a refusal may not apply to another
   * configuration or certificate. If an attempt in progress fails, the next one follows at once. A
   * stream is not interrupted.
   */
  public void retryNow() {
    loop.execute(() -> {
      candidates.endPauses(nanoTime());
      if (state instanceof State.Waiting(Future<?> timer)) {
        timer.cancel(false);
        tryNext();
      }
    });
  }

  @Override
  public void stop(Runnable callback) {
    loop.execute(() -> disconnect(callback));
  }

  private void disconnect(Runnable callback) {
    State last = state;
    state = new State.Stopped();
    status.setState(new StreamState.Stopped());
    log.atInfo().log("stream stopped");
    Runnable leave =
        () -> {
          switch (last) {
            case State.Trying(Attempt attempt) -> attempt.leave(callback);
            case State.Waiting(Future<?> timer) -> {
              timer.cancel(false);
              callback.run();
            }
            case State.Stopped(), State.Ready() -> callback.run();
          }
        };
    failback.takeTrial().ifPresentOrElse(trial -> trial.leave(leave), leave);
  }

  /** Required by SmartLifecycle; Spring calls {@link #stop(Runnable)}. */
  @Override
  public void stop() {
    stop(() -> {});
  }

  @Override
  public boolean isRunning() {
    return !(state instanceof State.Stopped);
  }

  /** Starts last and stops first, because entropy is of no use without a sink. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE;
  }

  /** Ends the event loop. All callers have stopped before. */
  @Override
  public void close() {
    connections.close();
  }
}
