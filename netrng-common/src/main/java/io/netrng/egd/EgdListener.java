// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import io.netrng.listener.LimitedLoopResources;
import io.netrng.logging.LogRateLimiter;
import io.netrng.net.Address;
import io.netrng.startup.StartupException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ChannelBindException;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpServer;

/** Listens at one address for EGD clients. */
public final class EgdListener {

  private static final Logger log = LoggerFactory.getLogger(EgdListener.class);

  private static final int BACKLOG = 1_024;

  /** With the idle time before them, a silent peer is lost after three keepalives. */
  private static final int KEEPALIVE_PROBES = 2;

  private static final Duration STOP_WITHIN = Duration.ofSeconds(3);
  private static final Duration STOP_CHECK_EVERY = Duration.ofMillis(10);

  private final EgdListen listen;
  private final String property;
  private final EgdClients clients;
  private final @Nullable SocketFile file;
  private final LogRateLimiter logLimiter = new LogRateLimiter(System::nanoTime);
  private final Set<Channel> connections = ConcurrentHashMap.newKeySet();
  private volatile @Nullable DisposableServer server;

  /** Connections can be accepted before the start is complete, and while the listener closes. */
  private volatile boolean isStopped;

  /**
   * Creates a listener that does not listen yet.
   *
   * @param property the name of the entry in the configuration, such as {@code
   *     netrng.server.egd.listen[0]}
   * @param clients opens the entropy of each connection
   */
  public EgdListener(EgdListen listen, String property, EgdClients clients) {
    this.listen = listen;
    this.property = property;
    this.clients = clients;
    file = listen.isUnix() ? new SocketFile(listen, property) : null;
  }

  /**
   * Checks what can be checked beside a running program, and changes nothing.
   *
   * @throws StartupException if the start would fail
   */
  public void check() {
    if (file != null) {
      if (!Epoll.isAvailable()) {
        throw failure(
            property,
            listen,
            "unix sockets require Netty's native transport, which does not work on this system",
            "Use host:port instead.");
      }
      file.check();
    }
  }

  /**
   * Starts to listen.
   *
   * @param loops the threads of the connections, which belong to the caller
   * @param keepalive a TCP connection whose peer is silent for three times this time is closed
   * @param customizer adds to the server, such as TLS; its threads do not count
   * @param limiters the first handlers of the listening channel
   * @throws StartupException if the address cannot be listened on
   */
  public void start(
      LoopResources loops,
      Duration keepalive,
      UnaryOperator<TcpServer> customizer,
      List<? extends ChannelHandler> limiters) {
    check();
    isStopped = false;
    TcpServer address = file == null ? tcp(keepalive) : unix(file);
    DisposableServer bound =
        bind(
            customizer
                .apply(address.option(ChannelOption.SO_BACKLOG, BACKLOG))
                .runOn(new LimitedLoopResources(loops, limiters))
                .doOnConnection(this::onConnection));
    if (file != null) {
      try {
        file.publish();
      } catch (StartupException e) {
        bound.disposeNow();
        throw e;
      }
    }
    server = bound;
    log.atInfo()
        .addKeyValue("address", file == null ? Address.text(bound.address()) : listen.address())
        .addKeyValue("client", listen.identity())
        .addKeyValue("mode", listen.mode().externalName())
        .log("listening for EGD clients");
  }

  private static TcpServer unix(SocketFile file) {
    file.prepare();
    return TcpServer.create()
        .bindAddress(() -> new DomainSocketAddress(file.temporary().toString()));
  }

  private TcpServer tcp(Duration keepalive) {
    TcpServer tcp =
        TcpServer.create()
            .host(listen.host())
            .port(listen.port())
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true);
    if (!Epoll.isAvailable()) {
      return tcp;
    }
    int seconds = (int) Math.max(1, keepalive.toSeconds());
    return tcp.childOption(EpollChannelOption.TCP_KEEPIDLE, seconds)
        .childOption(EpollChannelOption.TCP_KEEPINTVL, seconds)
        .childOption(EpollChannelOption.TCP_KEEPCNT, KEEPALIVE_PROBES);
  }

  private DisposableServer bind(TcpServer tcp) {
    try {
      return tcp.bindNow();
    } catch (ChannelBindException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw failure(
          property,
          listen,
          String.valueOf(cause.getMessage()),
          file == null
              ? "End what listens there (ss -ltnp shows it), or change the address."
              : "Change the path.");
    }
  }

  private void onConnection(Connection connection) {
    Channel channel = connection.channel();
    connections.add(channel);
    if (isStopped) {
      connections.remove(channel);
      var _ = channel.close();
      return;
    }
    // Added first, because the other handler can end the connection at once.
    connection.addHandlerFirst(new EndOfConnection());
    connection.addHandlerLast(
        new EgdConnection(listen.mode(), clients, command -> onUnknownCommand(channel, command)));
  }

  /** Removes a connection once its supply is closed. */
  private final class EndOfConnection extends ChannelInboundHandlerAdapter {

    /** Passes the event on first. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      ctx.fireChannelInactive();
      connections.remove(ctx.channel());
    }
  }

  private void onUnknownCommand(Channel channel, int command) {
    logLimiter.log(
        log.atInfo()
            .addKeyValue("client", listen.identity())
            .addKeyValue(
                "address", file == null ? Address.text(channel.remoteAddress()) : listen.address())
            .addKeyValue("command", "0x%02x".formatted(command)),
        "EGD client sent an unknown command");
  }

  /** Returns the TCP address, or that of the unix socket; null while it does not listen. */
  public @Nullable SocketAddress address() {
    DisposableServer now = server;
    return now == null
        ? null
        : file == null ? now.address() : new DomainSocketAddress(listen.address());
  }

  /**
   * Stops listening, deletes the socket and closes the connections.
   *
   * @return completes when nothing listens any more and the supplies of the connections are closed
   */
  public Mono<Void> stop() {
    DisposableServer last = server;
    isStopped = true;
    server = null;
    if (last == null) {
      return Mono.empty();
    }
    if (file != null) {
      try {
        file.delete();
      } catch (IOException e) {
        log.atWarn()
            .addKeyValue("address", listen.address())
            .addKeyValue("reason", e.getMessage())
            .log("EGD socket cannot be deleted");
      }
    }
    last.dispose();
    connections.forEach(channel -> {
      var _ = channel.close();
    });
    Mono<Void> allGone =
        Flux.interval(Duration.ZERO, STOP_CHECK_EVERY)
            .takeUntil(_ -> connections.isEmpty())
            .take(STOP_WITHIN)
            .then();
    return last.onDispose().then(allGone);
  }

  static StartupException failure(String property, EgdListen listen, String reason, String fix) {
    return new StartupException(
        "%s = %s cannot be listened on: %s.".formatted(property, listen.address(), reason), fix);
  }
}
