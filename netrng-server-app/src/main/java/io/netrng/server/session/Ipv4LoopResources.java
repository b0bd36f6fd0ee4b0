// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.spi.SelectorProvider;
import reactor.netty.resources.LoopResources;

/**
 * Opens listening sockets of IPv4 only. By default Netty and Java open sockets of IPv6, and such a
 * socket that is bound to 0.0.0.0 also accepts connections over IPv6.
 *
 * @param loops the threads of the sockets
 */
record Ipv4LoopResources(LoopResources loops) implements LoopResources {

  @Override
  public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
    if (!type.equals(ServerSocketChannel.class)) {
      return loops.onChannel(type, group);
    }
    boolean isEpoll = loops.onChannelClass(type, group).equals(EpollServerSocketChannel.class);
    return type.cast(
        isEpoll ? new EpollServerSocketChannel(SocketProtocolFamily.INET) : nioChannel());
  }

  private static Channel nioChannel() {
    try {
      return new NioServerSocketChannel(
          SelectorProvider.provider().openServerSocketChannel(StandardProtocolFamily.INET));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public <C extends Channel> Class<? extends C> onChannelClass(
      Class<C> type, EventLoopGroup group) {
    return loops.onChannelClass(type, group);
  }

  @Override
  public EventLoopGroup onServer(boolean useNative) {
    return loops.onServer(useNative);
  }

  @Override
  public EventLoopGroup onServerSelect(boolean useNative) {
    return loops.onServerSelect(useNative);
  }
}
