// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Executor;
import reactor.netty.resources.LoopResources;

/** The threads of all listeners of clients. They start with the first listener. */
public final class EventLoops implements AutoCloseable {

  private static final Duration STOP_WITHIN = Duration.ofSeconds(1);

  private final LoopResources resources = LoopResources.create("netrng-stream");

  /** Returns the threads for a listener on any address. */
  public LoopResources resources() {
    return resources;
  }

  /**
   * Returns the threads for a listener.
   *
   * @param host its address; for one of IPv4 the sockets are of IPv4 only
   */
  public LoopResources resources(String host) {
    return new InetSocketAddress(host, 0).getAddress() instanceof Inet4Address
        ? new Ipv4LoopResources(resources)
        : resources;
  }

  /** Returns the threads, each of which executes one task after the other. */
  Iterable<? extends Executor> threads() {
    return resources.onServer(LoopResources.DEFAULT_NATIVE);
  }

  @Override
  public void close() {
    resources.disposeLater(Duration.ZERO, STOP_WITHIN).subscribe();
  }
}
