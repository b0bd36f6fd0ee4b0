// SPDX-License-Identifier: Apache-2.0
package io.netrng.service;

import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The service manager's end of the socket. */
final class Manager implements AutoCloseable {

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
  private final Channel channel;

  /**
   * Starts to listen.
   *
   * @param name a path, or NUL and an abstract name
   */
  Manager(String name) {
    channel =
        new Bootstrap()
            .group(group)
            .channel(EpollDomainDatagramChannel.class)
            .handler(
                new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                  @Override
                  protected void channelRead0(ChannelHandlerContext at, DomainDatagramPacket got) {
                    messages.add(got.content().toString(StandardCharsets.UTF_8));
                  }
                })
            .bind(new DomainSocketAddress(name))
            .syncUninterruptibly()
            .channel();
  }

  /** Waits for the next message and returns it. */
  String next() {
    return await("the manager receives a message").until(messages::poll, m -> m != null);
  }

  /** Waits for this message and drops others before it. */
  void awaits(String message) {
    await("the manager receives " + message).until(() -> message.equals(messages.poll()));
  }

  /** Returns all messages until this one arrives. */
  List<String> until(String last) {
    List<String> all = new ArrayList<>();
    do {
      all.add(next());
    } while (!all.getLast().equals(last));
    return all;
  }

  @Override
  public void close() {
    channel.close().syncUninterruptibly();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
