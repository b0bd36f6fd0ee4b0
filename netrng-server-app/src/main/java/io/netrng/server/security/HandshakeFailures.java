// SPDX-License-Identifier: Apache-2.0
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
 * Counts failed TLS handshakes of clients and logs one line for each. Reactor Netty alone would log
 * nothing.
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

  /** Counts a client that sends no data; only the SNI handler's event reports its failure. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SniCompletionEvent completion && completion.cause() != null) {
      exceptionCaught(ctx, completion.cause());
    }
    ctx.fireUserEventTriggered(event);
  }

  /** Whether this is the first failure of its connection; others may follow. */
  private boolean count(Throwable cause) {
    boolean first = !counted;
    if (first) {
      counted = true;
      counter.accept(TlsFailure.kind(cause));
    }
    return first;
  }
}
