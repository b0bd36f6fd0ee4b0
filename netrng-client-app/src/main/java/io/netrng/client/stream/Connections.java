package io.netrng.client.stream;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;

/** Opens the connections of one client, all on one event loop. The loop's clock is the client's. */
interface Connections extends AutoCloseable {

  /** The loop that runs all sessions and timers. */
  EventLoop loop();

  /**
   * Starts to connect. If the connection fails, the session ends, after the call.
   *
   * @param address resolved; its host name is the one that TLS expects in the certificate
   * @param session handles the connection
   */
  void connect(InetSocketAddress address, Session session);

  /** Ends the event loop. */
  @Override
  void close();
}
