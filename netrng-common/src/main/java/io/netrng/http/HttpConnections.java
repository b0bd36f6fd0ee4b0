// SPDX-License-Identifier: Apache-2.0
package io.netrng.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

/**
 * Limits the number of HTTP connections and the time of each. A request's header must arrive within
 * {@code server.netty.idle-timeout}, its body within the body timeout. The connection of a peer
 * that reads no pending bytes is closed after two to three times the stall timeout. The duration of
 * a response is not limited while the peer reads, or while no bytes are pending.
 *
 * <p>At the limit, a new connection replaces the oldest one that does not keep its place. A
 * connection keeps its place from its first answer on, or from the call of {@link #keep} on.
 * Connections that send no request therefore do not block those that do. If all connections keep
 * their places, the new one is closed.
 */
public final class HttpConnections implements NettyServerCustomizer {

  private static final Logger log = LoggerFactory.getLogger(HttpConnections.class);

  private static final Duration BODY_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration STALL_TIMEOUT = Duration.ofSeconds(15);

  /** The minimum interval between two log lines about the limit. */
  private static final long LOG_INTERVAL = TimeUnit.MINUTES.toNanos(1);

  private final int limit;
  private final Duration bodyTimeout;
  private final Duration stallTimeout;

  /** The connections that do not keep their places, the oldest first. Guarded by this. */
  private final SequencedSet<Channel> replaceable = new LinkedHashSet<>();

  private int open;
  private long loggedAt = System.nanoTime() - LOG_INTERVAL;

  /**
   * Makes a customizer of one server.
   *
   * @param limit the maximum number of concurrent connections
   */
  public HttpConnections(int limit) {
    this(limit, BODY_TIMEOUT, STALL_TIMEOUT);
  }

  HttpConnections(int limit, Duration bodyTimeout, Duration stallTimeout) {
    this.limit = limit;
    this.bodyTimeout = bodyTimeout;
    this.stallTimeout = stallTimeout;
  }

  @Override
  public HttpServer apply(HttpServer server) {
    return server.doOnChannelInit((_, channel, _) -> limit(channel, true));
  }

  /**
   * Limits a new connection, whose pipeline has {@link NettyPipeline#HttpCodec}. An answer does not
   * keep its place; {@link #keep} does.
   */
  public void limitUntilKept(Channel channel) {
    limit(channel, false);
  }

  /** Keeps the place of a connection until it is closed. May be called from any thread. */
  public synchronized void keep(Channel channel) {
    replaceable.remove(channel);
  }

  private void limit(Channel channel, boolean answerKeeps) {
    Channel surplus = add(channel);
    channel.closeFuture().addListener(_ -> remove(channel));
    ChannelPipeline pipeline = channel.pipeline();
    // The handler needs responses as objects, and HTTP/2 has no such position in the pipeline. The
    // apps do not use HTTP/2.
    if (pipeline.get(NettyPipeline.HttpCodec) == null) {
      keep(channel);
    } else {
      pipeline.addAfter(NettyPipeline.HttpCodec, "netrng.http", new Watch(answerKeeps));
    }
    if (surplus != null) {
      var _ = surplus.close();
    }
  }

  /** Returns the connection to close if this one exceeds the limit. */
  private synchronized @Nullable Channel add(Channel channel) {
    Channel surplus = null;
    if (open >= limit) {
      logLimit();
      surplus = replaceable.isEmpty() ? channel : replaceable.removeFirst();
    }
    open++;
    replaceable.add(channel);
    return surplus;
  }

  private synchronized void remove(Channel channel) {
    open--;
    replaceable.remove(channel);
  }

  private void logLimit() {
    long now = System.nanoTime();
    if (now - loggedAt >= LOG_INTERVAL) {
      loggedAt = now;
      log.atWarn()
          .addKeyValue("limit", limit)
          .log("HTTP connections at their limit; each new one closes the oldest unanswered one");
    }
  }

  /**
   * Detects the first write of a connection, and a peer that stops sending its request or reading.
   * Reactor Netty's own request timeout would log a stack trace for each such peer.
   */
  private final class Watch extends IdleStateHandler {

    private final boolean answerKeeps;
    private @Nullable Future<?> bodyDeadline;

    Watch(boolean answerKeeps) {
      super(true, 0, stallTimeout.toMillis(), 0, TimeUnit.MILLISECONDS);
      this.answerKeeps = answerKeeps;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
      if (message instanceof HttpRequest) {
        cancelBodyDeadline();
        bodyDeadline =
            ctx.executor()
                .schedule(() -> close(ctx), bodyTimeout.toMillis(), TimeUnit.MILLISECONDS);
      }
      if (message instanceof LastHttpContent) {
        cancelBodyDeadline();
      }
      super.channelRead(ctx, message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
      cancelBodyDeadline();
      super.channelInactive(ctx);
    }

    private void cancelBodyDeadline() {
      Future<?> last = bodyDeadline;
      bodyDeadline = null;
      if (last != null) {
        last.cancel(false);
      }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
        throws Exception {
      // 100 Continue requests the body; it is not an answer.
      if (answerKeeps
          && !(message instanceof HttpResponse response
              && response.status().codeClass() == HttpStatusClass.INFORMATIONAL)) {
        keep(ctx.channel());
      }
      super.write(ctx, message, promise);
    }

    /**
     * Ignores the first event after a write, because only later ones show that no bytes have moved.
     */
    @Override
    protected void channelIdle(ChannelHandlerContext ctx, IdleStateEvent event) {
      ChannelOutboundBuffer pending = ctx.channel().unsafe().outboundBuffer();
      if (!event.isFirst() && pending != null && pending.totalPendingWriteBytes() > 0) {
        close(ctx);
      }
    }

    private static void close(ChannelHandlerContext ctx) {
      var _ = ctx.close();
    }
  }
}
