package io.netrng.client.stream;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import reactor.core.Disposable;

/** Opens the connections of one client, all on one event loop. The loop's clock is the client's. */
interface Connections extends AutoCloseable {

  /** The loop that runs all sessions and timers. */
  EventLoop loop();

  /**
   * Begins to connect.
   *
   * @param address resolved; its host name is the one that TLS expects in the certificate
   * @param session handles what the connection receives
   * @param onChannel receives the channel as soon as there is one
   * @param onError receives why there is no connection, on any thread
   * @return cancels the connection attempt
   */
  Disposable connect(
      InetSocketAddress address,
      Session session,
      Consumer<Channel> onChannel,
      Consumer<Throwable> onError);

  /** Ends the event loop. */
  @Override
  void close();
}
