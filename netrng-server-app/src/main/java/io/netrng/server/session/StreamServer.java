// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.net.Address;
import io.netrng.protocol.CloseCode;
import io.netrng.protocol.FrameDecoder;
import io.netrng.protocol.FrameEncoder;
import io.netrng.protocol.ServerFrame;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.security.LimitsProperties;
import io.netrng.server.security.TransportSecurity;
import io.netrng.server.source.Source;
import io.netrng.server.source.Source.Availability;
import io.netrng.server.source.SourceStatus;
import io.netrng.startup.CheckedLifecycle;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.scheduling.TaskScheduler;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/** The listener of the stream: accepts connections while the application runs. */
public final class StreamServer implements CheckedLifecycle {

  private static final Logger log = LoggerFactory.getLogger(StreamServer.class);

  private static final TcpListeners.Properties NAMES =
      new TcpListeners.Properties("netrng.server.bind-address", "netrng.server.port");

  private static final Duration CHECK_EVERY = Duration.ofSeconds(1);

  /** A permanent failure would otherwise fill the log with stack traces. */
  private static final long FAULT_LOGGED_EVERY = TimeUnit.MINUTES.toNanos(1);

  /** The number of checks in a row without entropy after which all clients are disconnected. */
  private static final int CHECKS_WITHOUT_ENTROPY = 5;

  /** The time for clients to receive their CLOSE: two seconds of lingering, and a reserve. */
  private static final Duration STOP_WITHIN = Duration.ofSeconds(3);

  private static final Duration STOP_CHECK_EVERY = Duration.ofMillis(20);
  private static final Duration COME_BACK_AFTER = Duration.ofSeconds(1);

  private final SessionProperties properties;
  private final LimitsProperties limits;
  private final TransportSecurity security;
  private final SessionRegistry sessions;
  private final TcpListeners listeners;
  private final Distributor distributor;
  private final Source source;
  private final TaskScheduler scheduler;
  private final ApplicationEventPublisher events;
  private final FrameEncoder encoder = new FrameEncoder();
  private final AtomicInteger checksWithoutEntropy = new AtomicInteger();
  private volatile @Nullable Long faultLoggedAt;
  private volatile @Nullable Listening listener;

  private record Listening(DisposableServer server, ScheduledFuture<?> checks) {}

  StreamServer(
      SessionProperties properties,
      LimitsProperties limits,
      TransportSecurity security,
      SessionRegistry sessions,
      TcpListeners listeners,
      Distributor distributor,
      Source source,
      TaskScheduler scheduler,
      ApplicationEventPublisher events) {
    this.properties = properties;
    this.limits = limits;
    this.security = security;
    this.sessions = sessions;
    this.listeners = listeners;
    this.distributor = distributor;
    this.source = source;
    this.scheduler = scheduler;
    this.events = events;
  }

  /** The listener's address, or null while it does not listen. */
  public @Nullable InetSocketAddress address() {
    Listening now = listener;
    return now == null ? null : (InetSocketAddress) now.server.address();
  }

  /** The threads that serve the connections; empty while the server does not listen. */
  public Iterable<? extends Executor> threads() {
    Listening now = listener;
    return now == null ? List.of() : listeners.loops().threads();
  }

  @Override
  public void checkStart() {
    security.requireSafe(properties.bindAddress());
  }

  @Override
  public void start() {
    checkStart();
    DisposableServer server =
        listeners.bind(
            security.secure(TcpServer.create()).doOnConnection(this::onConnection),
            properties.bindAddress(),
            properties.port(),
            NAMES);
    ScheduledFuture<?> checks = scheduler.scheduleAtFixedRate(this::check, CHECK_EVERY);
    listener = new Listening(server, checks);
    log.atInfo()
        .addKeyValue("address", Address.text(server.address()))
        .log("listening for clients");
    events.publishEvent(
        new StreamServerInitializedEvent(this, ((InetSocketAddress) server.address()).getPort()));
  }

  /** Sets up an accepted connection. */
  void onConnection(Connection connection) {
    connection
        .addHandlerLast(FrameDecoder.ofClientFrames((int) limits.frameSize().toBytes()))
        .addHandlerLast(encoder);
    sessions.accept(connection, AddressLimiter.rejection(connection.channel()));
  }

  /** A failure of one part must not prevent the other parts or later checks. */
  private void check() {
    guarded(sessions::tick);
    guarded(() ->
        distributor.setCapacity(sessions.admission().capacity(), sessions.admission().headroom()));
    guarded(distributor::findStalled);
    guarded(() -> {
      SourceStatus status = source.status();
      guarded(() -> distributor.setReadRate(status.readRate()));
      guarded(() -> checkEntropy(status.availability()));
    });
  }

  private void guarded(Runnable part) {
    try {
      part.run();
    } catch (RuntimeException | OutOfMemoryError e) {
      long now = System.nanoTime();
      Long last = faultLoggedAt;
      if (last == null || now - last >= FAULT_LOGGED_EVERY) {
        faultLoggedAt = now;
        log.atError().setCause(e).log("check of the stream failed and will be repeated");
      }
    }
  }

  private void checkEntropy(Availability availability) {
    switch (availability) {
      case Availability.Available() -> checksWithoutEntropy.set(0);
      case Availability.Expected(Duration in) -> {
        if (checksWithoutEntropy.incrementAndGet() == CHECKS_WITHOUT_ENTROPY) {
          sessions.closeAll(sessions.admission().noEntropy(in));
        }
      }
      case Availability.Exhausted() -> sessions.closeAllListeners(Admission.exhausted());
    }
  }

  @Override
  public void stop(Runnable callback) {
    Listening last = listener;
    listener = null;
    if (last == null) {
      callback.run();
      return;
    }
    last.checks.cancel(false);
    last.server.dispose();
    // Repeated, because a connection may have been accepted while the listener closed.
    Mono<Void> allGone =
        Flux.interval(Duration.ZERO, STOP_CHECK_EVERY)
            .doOnNext(_ -> sessions.closeAll(shutdown()))
            .takeUntil(_ -> sessions.connections() == 0)
            .take(STOP_WITHIN)
            .then();
    allGone.doFinally(_ -> callback.run()).subscribe();
  }

  /** Required by SmartLifecycle; Spring calls stop(Runnable). */
  @Override
  public void stop() {
    stop(() -> {});
  }

  private static ServerFrame.Close shutdown() {
    return new ServerFrame.Close(
        CloseCode.SHUTDOWN,
        RetryAfterPolicy.jittered(COME_BACK_AFTER, ThreadLocalRandom.current()),
        "the server is shutting down");
  }

  @Override
  public boolean isRunning() {
    return listener != null;
  }
}
