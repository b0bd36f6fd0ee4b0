// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import io.netrng.protocol.ClientFrame;
import io.netrng.protocol.FrameEncoder;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Like {@link LoadClient}, but with one client over mutual TLS by BoringSSL. It prints the
 * decrypted bytes per second.
 *
 * <p>Arguments: port, directory of the certificates, seconds of warm-up, seconds of measurement.
 */
public final class TlsLoadClient {

  private static final long MOST_IN_ONE_REQUEST = 0xffff_ffffL;

  private TlsLoadClient() {}

  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    Path certificates = Path.of(args[1]);
    SslContext tls =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL)
            .trustManager(certificates.resolve("ca.crt").toFile())
            .keyManager(
                certificates.resolve("load.crt").toFile(),
                certificates.resolve("load.key").toFile())
            .build();
    LongAdder bytes = new LongAdder();
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      Channel channel =
          new Bootstrap()
              .group(loop)
              .channel(NioSocketChannel.class)
              .handler(new Pipeline(tls, port, bytes))
              .connect(InetAddress.getLoopbackAddress(), port)
              .sync()
              .channel();
      channel.writeAndFlush(new ClientFrame.Hello(0, "load")).sync();
      channel.writeAndFlush(new ClientFrame.Request(MOST_IN_ONE_REQUEST)).sync();
      TimeUnit.SECONDS.sleep(Long.parseLong(args[2]));
      long before = bytes.sum();
      long begun = System.nanoTime();
      TimeUnit.SECONDS.sleep(Long.parseLong(args[3]));
      double seconds = (System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1);
      if (!channel.isActive()) {
        throw new IllegalStateException("the server has closed the connection");
      }
      System.out.println(Math.round((bytes.sum() - before) / seconds));
    } finally {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  private static final class Pipeline extends ChannelInitializer<Channel> {

    private final SslContext tls;
    private final int port;
    private final LongAdder bytes;

    Pipeline(SslContext tls, int port, LongAdder bytes) {
      this.tls = tls;
      this.port = port;
      this.bytes = bytes;
    }

    @Override
    protected void initChannel(Channel channel) {
      channel
          .pipeline()
          .addLast(tls.newHandler(channel.alloc(), "127.0.0.1", port))
          .addLast(new FrameEncoder())
          .addLast(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                  ByteBuf received = (ByteBuf) message;
                  bytes.add(received.readableBytes());
                  received.release();
                }
              });
    }
  }
}
