// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.egd;

import io.netrng.egd.EgdListen;
import io.netrng.egd.EgdListener;
import io.netrng.server.security.TransportSecurity;
import io.netrng.server.session.SessionRegistry;
import io.netrng.server.session.TcpListeners;
import io.netrng.startup.CheckedLifecycle;
import io.netrng.startup.StartupException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.netty.tcp.TcpServer;

/** The listeners of EGD clients: they accept connections while the application runs. */
public final class EgdServer implements CheckedLifecycle {

  private final List<Entry> entries = new ArrayList<>();
  private final Duration keepalive;
  private final TransportSecurity security;
  private final TcpListeners listeners;
  private volatile boolean running;

  private record Entry(EgdListen listen, String property, EgdListener listener) {}

  /**
   * Creates listeners that do not listen yet.
   *
   * @param keepalive a TCP connection ends after three times this time without its peer
   * @param ready the number of bytes that the source has ready
   * @param listeners the threads, options and limits of all listeners
   */
  EgdServer(
      EgdProperties properties,
      Duration keepalive,
      TransportSecurity security,
      SessionRegistry sessions,
      LongSupplier ready,
      TcpListeners listeners) {
    this.keepalive = keepalive;
    this.security = security;
    this.listeners = listeners;
    for (EgdListen listen : properties.listen()) {
      String property = "%s[%d]".formatted(EgdProperties.LISTEN, entries.size());
      EgdListener listener =
          new EgdListener(
              listen,
              property,
              (connection, onAvailable) -> {
                EgdSession session =
                    new EgdSession(sessions, connection, listen, ready, onAvailable);
                session.open();
                return session;
              });
      entries.add(new Entry(listen, property, listener));
    }
  }

  /** Returns the addresses that it listens at, in the order of the configuration. */
  List<@Nullable SocketAddress> addresses() {
    return entries.stream().<@Nullable SocketAddress>map(e -> e.listener.address()).toList();
  }

  @Override
  public void checkStart() {
    for (Entry entry : entries) {
      entry.listener.check();
      if (!entry.listen.isUnix()) {
        security.requireSafe(
            entry.listen.tls(), entry.property + ".tls", entry.property, entry.listen.host());
      }
    }
  }

  @Override
  public void start() {
    checkStart();
    try {
      for (Entry entry : entries) {
        start(entry);
      }
    } catch (StartupException e) {
      entries.forEach(entry -> entry.listener.stop().subscribe());
      throw e;
    }
    running = !entries.isEmpty();
  }

  private void start(Entry entry) {
    EgdListen listen = entry.listen;
    if (listen.isUnix()) {
      entry.listener.start(
          listeners.loops().resources(),
          keepalive,
          unix -> unix,
          List.of(listeners.acceptLimiter()));
    } else {
      entry.listener.start(
          listeners.loops().resources(listen.host()),
          keepalive,
          tcp -> secure(listen, listeners.configure(tcp, listen.host())),
          List.of(listeners.acceptLimiter(), listeners.addressLimiter()));
    }
  }

  private TcpServer secure(EgdListen listen, TcpServer tcp) {
    return security.isUsedBy(listen.tls()) ? security.secure(tcp) : tcp;
  }

  @Override
  public void stop(Runnable callback) {
    running = false;
    Flux.fromIterable(entries)
        .flatMap(entry -> entry.listener.stop())
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
    return running;
  }
}
