// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandler;
import io.netty.channel.socket.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpServer;

class TcpListenersTest {

  /** A handler that is added to a bound socket misses the connections before it. */
  @Test
  void limitsConnectionsFromTheCreationOfTheSocketOn() {
    try (TestServer server = TestServer.start()) {
      // given
      TcpServer tcp = server.listeners().configure(TcpServer.create(), "127.0.0.1");
      LoopResources threads = tcp.configuration().loopResources();

      // when
      ServerSocketChannel socket =
          threads.onChannel(ServerSocketChannel.class, threads.onServerSelect(true));
      List<ChannelHandler> handlers = new ArrayList<>();
      socket.pipeline().forEach(handler -> handlers.add(handler.getValue()));
      socket.unsafe().closeForcibly();

      // then
      assertThat(handlers)
          .containsExactly(server.listeners().acceptLimiter(), server.listeners().addressLimiter());
    }
  }
}
