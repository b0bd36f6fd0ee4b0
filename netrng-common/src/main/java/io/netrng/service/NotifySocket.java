package io.netrng.service;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A unix socket for datagrams, with a thread of its own, which nothing else can hold up. */
final class NotifySocket implements AutoCloseable {

  private final EventLoopGroup group;
  private final Channel channel;

  private NotifySocket(EventLoopGroup group, Channel channel) {
    this.group = group;
    this.channel = channel;
  }

  /**
   * Connects to a socket.
   *
   * @param address a path, or {@code @} and an abstract name
   * @throws IOException if there is no such socket, or this system has none of the kind
   */
  static NotifySocket open(String address) throws IOException {
    if (!address.startsWith("/") && !address.startsWith("@")) {
      throw new IOException(address + " is no unix socket");
    }
    if (!Epoll.isAvailable()) {
      throw new IOException("Netty has no native transport for this system");
    }
    // Linux begins abstract names with NUL, which an environment variable cannot hold.
    String name = address.startsWith("@") ? '\0' + address.substring(1) : address;
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("netrng-service", true), EpollIoHandler.newFactory());
    var connected =
        new Bootstrap()
            .group(group)
            .channel(EpollDomainDatagramChannel.class)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(new DomainSocketAddress(name))
            .awaitUninterruptibly();
    if (!connected.isSuccess()) {
      var _ = group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      throw new IOException(connected.cause().toString(), connected.cause());
    }
    return new NotifySocket(group, connected.channel());
  }

  /** Sends one datagram; one that cannot be sent is lost. */
  void send(String text) {
    var _ = channel.writeAndFlush(ByteBufUtil.writeUtf8(UnpooledByteBufAllocator.DEFAULT, text));
  }

  /** Runs a task on the thread that sends, now and then again and again. */
  void every(Duration interval, Runnable task) {
    long nanos = interval.toNanos();
    var _ = channel.eventLoop().scheduleAtFixedRate(task, 0, nanos, TimeUnit.NANOSECONDS);
  }

  /** Ends the thread, once it has sent what it was given. */
  @Override
  public void close() {
    // The group alone would close the channel first, and lose what is yet to be sent.
    var _ =
        channel
            .close()
            .addListener(closed -> {
              var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            });
  }
}
