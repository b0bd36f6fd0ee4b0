// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.http.HttpConnections;
import io.netrng.server.session.AddressLimiter;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import reactor.netty.NettyPipeline;

/** The handlers of each connection, and the limits of all of them. */
final class ApiPipeline {

  private static final int MOST_BODY = 8 * 1024;
  private static final Duration IDLE = Duration.ofMinutes(1);

  private final EntropyApi api;
  private final HttpConnections limit;

  /**
   * Creates a pipeline.
   *
   * @param maxConnections the maximum number of connections
   */
  ApiPipeline(EntropyApi api, int maxConnections) {
    this.api = api;
    limit = new HttpConnections(maxConnections);
  }

  /**
   * Adds the handlers to a new connection of Reactor Netty, and begins to read.
   *
   * @param encrypted whether it uses TLS
   */
  void begin(Channel channel, boolean encrypted) {
    channel.config().setAutoRead(false);
    add(channel, NettyPipeline.HttpCodec, new HttpServerCodec());
    limit.limitUntilKept(channel);
    add(channel, "netrng.idle", new IdleStateHandler(0, 0, IDLE.toSeconds(), TimeUnit.SECONDS));
    add(channel, "netrng.keepalive", new HttpServerKeepAliveHandler());
    add(channel, "netrng.body", new RequestAggregator(MOST_BODY));
    add(
        channel,
        "netrng.entropy",
        new ApiConnection(
            api, encrypted, AddressLimiter.rejection(channel), () -> limit.keep(channel)));
    channel.read();
  }

  private static void add(Channel channel, String name, ChannelHandler handler) {
    channel.pipeline().addBefore(NettyPipeline.ReactiveBridge, name, handler);
  }
}
