package io.netrng.server.security;

import io.netrng.logging.LogRateLimiter;
import io.netrng.net.Address;
import io.netrng.tls.TlsFailure;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SniCompletionEvent;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts a client with which there is no TLS, and has one line for it, where Reactor Netty would
 * say nothing.
 */
final class HandshakeFailures extends ChannelInboundHandlerAdapter {

  private static final Logger log = LoggerFactory.getLogger(HandshakeFailures.class);

  private final Consumer<TlsFailure.Kind> counter;
  private final LogRateLimiter logLimiter;
  private boolean counted;

  HandshakeFailures(Consumer<TlsFailure.Kind> counter, LogRateLimiter logLimiter) {
    this.counter = counter;
    this.logLimiter = logLimiter;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Optional<String> reason = TlsFailure.reason(cause);
    if (reason.isPresent()) {
      if (count(cause)) {
        logLimiter.log(
            log.atInfo()
                .addKeyValue("address", Address.text(ctx.channel().remoteAddress()))
                .addKeyValue("reason", reason.get()),
            "TLS handshake failed");
      }
      var _ = ctx.close();
      return;
    }
    if (cause instanceof ClosedChannelException) {
      count(cause);
    }
    ctx.fireExceptionCaught(cause);
  }

  /** Of a client that says nothing at all only the handler of its first message tells. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SniCompletionEvent completion && completion.cause() != null) {
      exceptionCaught(ctx, completion.cause());
    }
    ctx.fireUserEventTriggered(event);
  }

  /** Whether it is the first failure of its connection, of which others may follow. */
  private boolean count(Throwable cause) {
    boolean first = !counted;
    if (first) {
      counted = true;
      counter.accept(TlsFailure.kind(cause));
    }
    return first;
  }
}
