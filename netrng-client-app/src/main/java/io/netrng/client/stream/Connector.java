// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.discovery.Dns;
import io.netrng.client.discovery.JmdnsBrowser;
import io.netrng.client.discovery.MdnsBrowser;
import io.netrng.client.discovery.SystemDns;
import io.netrng.protocol.FrameDecoder;
import io.netrng.protocol.FrameEncoder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.resolver.NoopAddressResolverGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.SslProvider;
import reactor.netty.tcp.TcpClient;

/** Opens connections to servers, with TLS if it is configured. */
final class Connector implements Connections {

  private final LoopResources loops = LoopResources.create("netrng-stream", 1, true);
  private final EventLoop loop = loops.onClient(true).next();
  private final Duration timeout;
  private final Duration bye;
  private final @Nullable Supplier<SslContext> tls;
  private final @Nullable String mdnsAddress;

  /**
   * Makes a connector.
   *
   * @param timeout of the connection, and again of the TLS handshake
   * @param bye how long an orderly end may take
   * @param tls supplies the context of each connection; null uses plain TCP
   * @param mdnsAddress of the interface for multicast DNS; the one of the default route if null
   */
  Connector(
      Duration timeout,
      Duration bye,
      @Nullable Supplier<SslContext> tls,
      @Nullable String mdnsAddress) {
    this.timeout = timeout;
    this.bye = bye;
    this.tls = tls;
    this.mdnsAddress = mdnsAddress;
  }

  @Override
  public EventLoop loop() {
    return loop;
  }

  @Override
  public Dns dns() {
    return new SystemDns(
        loop,
        loops.onChannelClass(DatagramChannel.class, loop),
        loops.onChannelClass(SocketChannel.class, loop));
  }

  @Override
  public MdnsBrowser mdns() {
    return new JmdnsBrowser(mdnsAddress);
  }

  @Override
  public void connect(InetSocketAddress address, Session session) {
    var _ =
        secure(TcpClient.create(ConnectionProvider.newConnection()))
            .runOn(loops)
            // Netty's own resolver would query name servers without /etc/hosts and nsswitch.conf.
            .resolver(NoopAddressResolverGroup.INSTANCE)
            .remoteAddress(() -> address)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis())
            .doOnChannelInit((observer, channel, remote) -> addHandlers(channel, session))
            .connect()
            .subscribe(
                // Reactor Netty reads only on request. Here, demand limits the bytes that can
                // arrive.
                connection -> connection.channel().config().setAutoRead(true),
                error -> loop.execute(() -> session.end(DisconnectReason.of(error))));
  }

  private TcpClient secure(TcpClient client) {
    return tls == null
        ? client
        : client.secure(
            SslProvider.builder().sslContext(tls.get()).handshakeTimeout(timeout).build());
  }

  private static void addHandlers(Channel channel, Session session) {
    FrameDecoder decoder = FrameDecoder.ofServerFrames();
    // The default cumulator copies entropy and leaves it in buffers that are not zeroed.
    decoder.setCumulator(ByteToMessageDecoder.COMPOSITE_CUMULATOR);
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addBefore(NettyPipeline.ReactiveBridge, "netrng.decoder", decoder);
    pipeline.addBefore(NettyPipeline.ReactiveBridge, "netrng.encoder", new FrameEncoder());
    pipeline.addBefore(NettyPipeline.ReactiveBridge, "netrng.session", session);
  }

  @Override
  public void close() {
    loops.disposeLater(Duration.ZERO, bye).subscribe();
  }
}
