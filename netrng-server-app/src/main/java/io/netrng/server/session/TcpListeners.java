// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.listener.LimitedLoopResources;
import io.netrng.server.security.LimitsProperties;
import io.netrng.startup.StartupException;
import io.netty.channel.ChannelOption;
import java.util.List;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/**
 * Binds the listeners of TCP. All have the same threads and socket options, and share the limits of
 * new connections.
 */
public final class TcpListeners {

  private static final int BACKLOG = 1_024;

  /**
   * The kernel's send buffer of one client, in bytes; Linux doubles it for its own overhead.
   * Without a limit it grows to megabytes. A client that does not read would occupy them, and they
   * exceed any CPU cache.
   */
  private static final int SEND_BUFFER = 256 * 1024;

  private final EventLoops loops;
  private final AcceptLimiter acceptLimiter;
  private final AddressLimiter addressLimiter;

  TcpListeners(LimitsProperties limits, Admission admission, EventLoops loops) {
    this.loops = loops;
    acceptLimiter = new AcceptLimiter(limits.acceptRate());
    addressLimiter = new AddressLimiter(limits, admission);
  }

  /** The names of the two properties that set where a listener listens. */
  public record Properties(String address, String port) {}

  /** The threads of the listeners. */
  public EventLoops loops() {
    return loops;
  }

  /** The limiter of the rate of new connections. */
  public AcceptLimiter acceptLimiter() {
    return acceptLimiter;
  }

  /** The limiter of the connections per address. */
  public AddressLimiter addressLimiter() {
    return addressLimiter;
  }

  /**
   * Sets the threads and the options of a listener, and limits its new connections.
   *
   * @param host its address
   */
  public TcpServer configure(TcpServer server, String host) {
    return server
        .host(host)
        .runOn(
            new LimitedLoopResources(loops.resources(host), List.of(acceptLimiter, addressLimiter)))
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER);
  }

  /**
   * Binds a listener.
   *
   * @param server with the handlers of its connections
   * @param names the properties of host and port
   * @throws StartupException if the address cannot be listened on
   */
  public DisposableServer bind(TcpServer server, String host, int port, Properties names) {
    try {
      return configure(server, host).port(port).bindNow();
    } catch (ChannelBindException e) {
      throw new StartupException(
          "%s = %s, %s = %d cannot be listened on: %s."
              .formatted(names.address(), host, names.port(), port, causeOf(e)),
          "End what listens there (ss -ltnp shows it), or set %s to another one."
              .formatted(names.port()));
    }
  }

  private static String causeOf(ChannelBindException e) {
    return String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
  }
}
