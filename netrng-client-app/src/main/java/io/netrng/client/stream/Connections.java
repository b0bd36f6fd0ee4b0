// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.discovery.Discovery;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;

/** Opens the connections of one client, all on one event loop. The client uses the loop's clock. */
interface Connections extends Discovery.Sources, AutoCloseable {

  /** The loop that runs all sessions and timers. */
  EventLoop loop();

  /**
   * Starts to connect. If the connection fails, the session ends after this call has returned.
   *
   * @param address resolved; TLS expects its host name in the certificate
   * @param session handles the connection
   */
  void connect(InetSocketAddress address, Session session);

  /** Ends the event loop. */
  @Override
  void close();
}
