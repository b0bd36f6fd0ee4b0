package io.netrng.server.security;

import io.netrng.tls.TlsFailure;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line for a client with which there is no TLS, where Reactor Netty would say nothing. */
final class HandshakeFailures extends ChannelInboundHandlerAdapter {

  private static final Logger log = LoggerFactory.getLogger(HandshakeFailures.class);

  private boolean told;

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Optional<String> reason = TlsFailure.reason(cause);
    if (reason.isEmpty()) {
      ctx.fireExceptionCaught(cause);
      return;
    }
    if (!told) {
      told = true;
      log.atInfo()
          .addKeyValue("address", ctx.channel().remoteAddress())
          .addKeyValue("reason", reason.get())
          .log("no TLS with a client");
    }
    var _ = ctx.close();
  }
}
