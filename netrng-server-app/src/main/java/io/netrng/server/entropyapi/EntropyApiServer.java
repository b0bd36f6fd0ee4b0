// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.net.Address;
import io.netrng.server.conditioning.Sha512;
import io.netrng.server.security.TransportSecurity;
import io.netrng.server.session.TcpListeners;
import io.netrng.startup.CheckedLifecycle;
import io.netrng.startup.StartupException;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.TaskScheduler;
import reactor.core.publisher.Flux;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/** The listener of the HTTP entropy API, if it has a port. */
public final class EntropyApiServer implements CheckedLifecycle {

  private static final Logger log = LoggerFactory.getLogger(EntropyApiServer.class);

  /** The HTTP statuses of answers. */
  public static final List<Integer> STATUSES = Endpoint.statuses();

  private static final TcpListeners.Properties NAMES =
      new TcpListeners.Properties(
          EntropyApiProperties.PREFIX + "bind-address", EntropyApiProperties.PREFIX + "port");

  private static final Duration STOP_WITHIN = Duration.ofSeconds(3);
  private static final Duration STOP_CHECK_EVERY = Duration.ofMillis(20);
  private static final Duration TOKENS_READ_EVERY = Duration.ofSeconds(10);

  private final EntropyApiProperties properties;
  private final TransportSecurity security;
  private final TcpListeners listeners;
  private final EntropyApi api;
  private final TaskScheduler scheduler;
  private final ApiPipeline pipeline;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private volatile @Nullable DisposableServer server;
  private @Nullable ScheduledFuture<?> reload;

  EntropyApiServer(
      EntropyApiProperties properties,
      TransportSecurity security,
      TcpListeners listeners,
      EntropyApi api,
      TaskScheduler scheduler) {
    this.properties = properties;
    this.security = security;
    this.listeners = listeners;
    this.api = api;
    this.scheduler = scheduler;
    pipeline = new ApiPipeline(api, properties.maxConnections());
  }

  /** The listener's address, or null while it does not listen. */
  public @Nullable InetSocketAddress address() {
    DisposableServer now = server;
    return now == null ? null : (InetSocketAddress) now.address();
  }

  /** The number of answers with an HTTP status since the start. */
  public long answers(int status) {
    return api.answers(status);
  }

  @Override
  public void checkStart() {
    if (properties.port() == null) {
      return;
    }
    security.requireSafe(
        properties.tls(),
        EntropyApiProperties.PREFIX + "tls",
        NAMES.address(),
        properties.bindAddress());
    Optional<String> problem = Sha512.problem();
    if (properties.pollinate().enabled() && problem.isPresent()) {
      throw new StartupException(
          EntropyApiProperties.PREFIX
              + "pollinate.enabled = true needs SHA-512 of libcrypto: %s.".formatted(problem.get()),
          "Install OpenSSL 3 (apt install libssl3), or set it to false.");
    }
  }

  @Override
  public void start() {
    checkStart();
    Integer port = properties.port();
    if (port == null) {
      return;
    }
    boolean encrypted = security.isUsedBy(properties.tls());
    TcpServer plain = TcpServer.create();
    TcpServer secured = encrypted ? security.secureWithoutCertificates(plain) : plain;
    DisposableServer bound =
        listeners.bind(
            secured.doOnConnection(connection -> serve(connection, encrypted)),
            properties.bindAddress(),
            port,
            NAMES);
    server = bound;
    Tokens tokens = api.authentication().tokens();
    if (tokens != null) {
      reload = scheduler.scheduleWithFixedDelay(tokens::reload, TOKENS_READ_EVERY);
    }
    log.atInfo()
        .addKeyValue("address", Address.text(bound.address()))
        .addKeyValue("tls", encrypted)
        .log("listening for requests of the entropy API");
  }

  private void serve(Connection connection, boolean encrypted) {
    connections.add(connection.channel());
    pipeline.begin(connection.channel(), encrypted);
  }

  /** Waits until the sessions of all connections have ended. */
  @Override
  public void stop(Runnable callback) {
    DisposableServer last = server;
    server = null;
    if (reload != null) {
      reload.cancel(false);
    }
    if (last == null) {
      callback.run();
      return;
    }
    last.dispose();
    // Repeated, because a connection may have been accepted while the listener closed.
    Flux.interval(Duration.ZERO, STOP_CHECK_EVERY)
        .doOnNext(_ -> {
          var _ = connections.close();
        })
        .takeUntil(_ -> api.connections() == 0)
        .take(STOP_WITHIN)
        .doFinally(_ -> callback.run())
        .subscribe();
  }

  /** Required by SmartLifecycle; Spring calls stop(Runnable). */
  @Override
  public void stop() {
    stop(() -> {});
  }

  @Override
  public boolean isRunning() {
    return server != null;
  }
}
