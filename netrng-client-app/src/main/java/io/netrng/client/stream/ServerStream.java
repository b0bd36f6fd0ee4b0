// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.audit.AuditLog;
import io.netrng.audit.AuditSession;
import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.sink.Intake;
import io.netrng.client.stream.Candidates.Candidate;
import io.netrng.protocol.ServerFrame;
import io.netrng.tls.Negotiated;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a stream from the most preferred server that admits the client and that no other stream
 * uses. It selects a server, attempts to stream from it, and continues with the next one when the
 * attempt has ended. All methods run on the event loop.
 *
 * <pre>
 *              start            select a server
 *   Stopped ---------> Ready -------------------> Trying (one attempt)
 *      ^                |  ^                        ^  |
 *      |  all back off, |  |         ends           |  |
 *      |  or none is    |  +------------------------|--+
 *      |  known         v       the pause ends, or  |
 *      |              Waiting ----------------------+
 *      |                        servers are found
 *      +--- stop, from each
 * </pre>
 *
 * While the stream is at a less preferred server, {@link Failback} tries the preferred ones beside
 * it. It returns the stream to a preferred server that delivers.
 */
final class ServerStream {

  private static final Logger log = LoggerFactory.getLogger(ServerStream.class);

  /** Until the next look for a server that no other stream uses. */
  private static final long NANOS_UNTIL_FREE = Duration.ofSeconds(1).toNanos();

  private final Candidates candidates;
  private final Supplier<String> whyNone;
  private final Attempt.Parts parts;
  private final Intake intake;
  private final StreamStatus.Stream status;
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
   * Makes a stream that is not started.
   *
   * @param whyNone describes why no server is known
   */
  ServerStream(
      Candidates candidates,
      Supplier<String> whyNone,
      Attempt.Parts parts,
      RandomGenerator random,
      AuditLog audit) {
    this.candidates = candidates;
    this.whyNone = whyNone;
    this.parts = parts;
    intake = parts.settings().feed();
    status = parts.status();
    this.audit = audit;
    failback = new Failback(candidates, parts, random, this::returnTo);
  }

  void start() {
    state = new State.Ready();
    parts.loop().execute(this::proceed);
  }

  /** Requests more samples if the buffer has space for them. */
  void request() {
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
    if (candidates.isEmpty()) {
      status.setState(new StreamState.Searching(whyNone.get()));
      state = new State.Waiting(parts.loop().newSucceededFuture(null));
      return;
    }
    candidates.select(parts.nanoTime()).ifPresentOrElse(this::attempt, this::awaitFreeServer);
  }

  private void awaitFreeServer() {
    status.setState(new StreamState.Searching("other streams use all known servers"));
    await(NANOS_UNTIL_FREE);
  }

  private void attempt(Candidate candidate) {
    long wait = candidate.nanosToWait(parts.nanoTime());
    if (wait > 0) {
      status.setState(
          new StreamState.Waiting(candidate.server(), lastEnd, Instant.now().plusNanos(wait)));
      await(wait);
    } else {
      Attempt attempt = new Attempt(candidate, parts, listener);
      setAttempt(attempt);
      attempt.start();
    }
  }

  private void await(long nanos) {
    state = new State.Waiting(parts.loop().schedule(this::tryNext, nanos, TimeUnit.NANOSECONDS));
  }

  private void setAttempt(Attempt attempt) {
    state = new State.Trying(attempt);
    status.setState(new StreamState.Connecting(attempt.candidate().server()));
  }

  private void adopt(Attempt trial) {
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

  /** A restored clone finds its session dead or silent, and holds the same bytes as its twins. */
  private void discardOldBytes() {
    if (parts.settings().sink().isOfOneSession()) {
      intake.clear();
    }
  }

  /** The events of the attempt whose bytes are used; a trial has another listener. */
  private final class AttemptListener implements Attempt.Listener {

    private boolean isStreaming;

    /** The session of the last WELCOME, which all samples are from. */
    private @Nullable AuditSession audited;

    @Override
    public void onWelcome(Attempt attempt, ServerFrame.Welcome welcome) {
      Candidate candidate = attempt.candidate();
      isStreaming = true;
      discardOldBytes();
      intake.begin();
      status.setState(
          new StreamState.Streaming(
              candidate.server(),
              welcome.session(),
              welcome.epoch(),
              welcome.sampleSize(),
              welcome.guarantee(),
              attempt.tls()));
      Negotiated.addTo(
              log.atInfo()
                  .addKeyValue("server", candidate.server())
                  .addKeyValue("address", attempt.address())
                  .addKeyValue("session", Long.toUnsignedString(welcome.session()))
                  .addKeyValue("epoch", welcome.epoch())
                  .addKeyValue("sample-size", welcome.sampleSize())
                  .addKeyValue("guarantee", welcome.guarantee())
                  .addKeyValue("keepalive-ms", welcome.keepaliveMillis()),
              attempt.tls())
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
    public void onSilence() {
      discardOldBytes();
    }

    @Override
    public void onOverdue(Attempt attempt) {
      if (intake.drop()) {
        log.atWarn()
            .addKeyValue("server", attempt.candidate().server())
            .addKeyValue("address", attempt.address())
            .log("server owes samples: the others are combined without it");
      }
    }

    private void endStreaming() {
      if (isStreaming) {
        isStreaming = false;
        discardOldBytes();
        intake.end();
      }
    }

    @Override
    public void onAddressFailure(Attempt attempt, DisconnectReason reason) {
      endStreaming();
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
      endStreaming();
      // Runs later, because the present connection must close first.
      parts.loop().execute(ServerStream.this::proceed);
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
   * Ends a wait, because the discovery has a result. If the servers have changed, a preferred one
   * may replace the stream's.
   */
  void onServers(boolean changed) {
    if (changed
        && state instanceof State.Trying(Attempt attempt)
        && attempt.welcome().isPresent()) {
      failback.onStream(attempt.candidate());
    } else {
      retryNow();
    }
  }

  /** Ends a wait at once. If an attempt in progress fails, the next one follows at once. */
  void retryNow() {
    if (state instanceof State.Waiting(Future<?> timer)) {
      timer.cancel(false);
      tryNext();
    }
  }

  /**
   * Ends the stream.
   *
   * @param callback is called when its connections are closed
   */
  void stop(Runnable callback) {
    State last = state;
    state = new State.Stopped();
    status.setState(new StreamState.Stopped());
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

  /** Any thread may call this method. */
  boolean isRunning() {
    return !(state instanceof State.Stopped);
  }
}
