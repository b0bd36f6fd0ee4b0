// SPDX-License-Identifier: Apache-2.0
package io.netrng.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import java.util.List;
import reactor.netty.resources.LoopResources;

/**
 * Adds handlers to a listening channel when it is created. A handler that is added to the bound
 * channel misses the first connections, because Reactor Netty ignores the option AUTO_READ.
 *
 * @param loops the threads
 * @param limiters the first handlers of the listening channel
 */
public record LimitedLoopResources(LoopResources loops, List<? extends ChannelHandler> limiters)
    implements LoopResources {

  @Override
  public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
    C channel = loops.onChannel(type, group);
    if (channel instanceof ServerChannel) {
      limiters.forEach(limiter -> channel.pipeline().addLast(limiter));
    }
    return channel;
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
