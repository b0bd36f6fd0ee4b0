// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.protocol.CloseCode;
import io.netrng.server.session.SessionProperties.ClientPolicy;
import io.netrng.testkit.Message;
import io.netrng.testkit.RawClient;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * CrashedClientIT of netrng-e2e tests a machine that does not respond, because that requires a
 * separate network.
 */
class PeerProbeTest {

  @Nested
  class RefusedClients {

    @Test
    void aProbedSessionStaysConnectedAndOnlyTheFirstRefusalHasAShortRetryDelay() throws Exception {
      try (TestServer server = TestServer.startWith(new ClientPolicy("vm", null, null, 1));
          RawClient twin = server.connect();
          RawClient first = server.connect();
          RawClient second = server.connect()) {
        // given
        twin.join("vm");

        // when
        Message.Close probed = first.hello(0, "vm").closed();
        Message.Close refused = second.hello(0, "vm").closed();

        // then
        assertThat(probed.code()).isEqualTo(CloseCode.TOO_MANY_CONNECTIONS.code());
        assertThat(probed.retryAfter()).isBetween(3_500L, 4_500L);
        assertThat(probed.reason()).contains("1 of 1 connections", "is being probed");
        assertThat(refused.reason()).doesNotContain("probed");
        assertThat(twin.ping(1).read()).isEqualTo(new Message.Pong(1));
      }
    }

    @Test
    void doesNotProbeSessionsOfOtherClients() throws Exception {
      try (TestServer server = TestServer.start(1, TestServer.limits());
          RawClient in = server.connect();
          RawClient other = server.connect()) {
        // given
        in.join("in");

        // when
        Message.Close close = other.hello(0, "other").closed();

        // then
        assertThat(close.code()).isEqualTo(CloseCode.MAX_CLIENTS.code());
        assertThat(close.reason()).doesNotContain("probed");
      }
    }
  }

  @Nested
  class TcpKeepalive {

    /** Checks the options of a connection whose keepalive is on, and of one without. */
    private <T extends SocketChannel> void shortenedAndRestored(
        IoHandlerFactory io,
        Class<T> type,
        ChannelOption<Integer> idle,
        ChannelOption<Integer> interval,
        ChannelOption<Integer> count)
        throws Exception {
      EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, io);
      try (ServerSocket listener = new ServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
        // given
        List<Channel> channels = new ArrayList<>();
        for (boolean keepalive : new boolean[] {true, false}) {
          channels.add(
              new Bootstrap()
                  .group(group)
                  .channel(type)
                  .handler(new ChannelInboundHandlerAdapter())
                  .option(ChannelOption.SO_KEEPALIVE, keepalive)
                  .option(idle, 20)
                  .option(interval, 30)
                  .option(count, 4)
                  .connect(listener.getLocalSocketAddress())
                  .sync()
                  .channel());
        }
        Channel channel = channels.getFirst();
        Channel without = channels.getLast();
        PeerProbe probe = new PeerProbe(channel, () -> {});

        // when, then
        assertThat(probe.begin()).isTrue();
        assertThat(probe.begin()).isFalse();
        assertThat(new PeerProbe(without, () -> {}).begin()).isTrue();
        await("the last option is set").until(() -> channel.config().getOption(idle) == 1);
        assertThat(channel.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
        assertThat(channel.config().getOption(interval)).isEqualTo(1);
        assertThat(channel.config().getOption(count)).isEqualTo(2);
        await("the last option is restored").until(() -> channel.config().getOption(idle) == 20);
        assertThat(channel.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
        assertThat(channel.config().getOption(interval)).isEqualTo(30);
        assertThat(channel.config().getOption(count)).isEqualTo(4);
        await("keepalive is off again")
            .until(() -> !without.config().getOption(ChannelOption.SO_KEEPALIVE));
        channel.close().sync();
        without.close().sync();
      } finally {
        var _ = group.shutdownGracefully();
      }
    }

    @Test
    void shortensAndRestoresTcpKeepaliveWithEpoll() throws Exception {
      shortenedAndRestored(
          EpollIoHandler.newFactory(),
          EpollSocketChannel.class,
          EpollChannelOption.TCP_KEEPIDLE,
          EpollChannelOption.TCP_KEEPINTVL,
          EpollChannelOption.TCP_KEEPCNT);
    }

    @Test
    void shortensAndRestoresTcpKeepaliveWithNio() throws Exception {
      shortenedAndRestored(
          NioIoHandler.newFactory(),
          NioSocketChannel.class,
          NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE),
          NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL),
          NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT));
    }
  }
}
