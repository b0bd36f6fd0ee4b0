// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.naming.ExternalName;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits how many connections are accepted per second; the next ones wait in the kernel's backlog.
 * It is the first handler of each listener, and runs on that listener's event loop.
 */
@Sharable
public final class AcceptLimiter extends ChannelInboundHandlerAdapter {

  private static final Logger log = LoggerFactory.getLogger(AcceptLimiter.class);

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** A shorter pause would cost more than the connections that it delays. */
  private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

  private static final long FAILURE_LOG_INTERVAL = TimeUnit.MINUTES.toNanos(1);

  private final long nanosPerConnection;
  private final Map<Pause, Long> pausedNanos = new ConcurrentHashMap<>();

  /** The time at which the last connection would have been accepted at exactly the rate. */
  private long due;

  private long failureLoggedAt;

  /**
   * Creates a limiter.
   *
   * @param rate connections per second, 1 or more; a second's worth may be accepted at once
   */
  AcceptLimiter(int rate) {
    nanosPerConnection = SECOND / rate;
  }

  /**
   * The reasons for a pause in accepting connections; the constants in lower case are metric tags.
   */
  public enum Pause implements ExternalName {
    /** The rate is exceeded. */
    RATE,
    /** The kernel cannot accept, usually because too many files are open. */
    FAILURE;
  }

  /** The time since the start in which this reason paused accepting, in seconds. Any thread. */
  public double pausedSeconds(Pause reason) {
    return pausedNanos.getOrDefault(reason, 0L) / (double) SECOND;
  }

  @Override
  public synchronized void handlerAdded(ChannelHandlerContext ctx) {
    due = nanoTime(ctx.channel());
    failureLoggedAt = due - FAILURE_LOG_INTERVAL;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object connection) {
    long ahead = nanosAhead(nanoTime(ctx.channel()));
    if (ahead > 0) {
      pause(ctx.channel(), Math.max(ahead, SHORTEST_PAUSE), Pause.RATE);
    }
    ctx.fireChannelRead(connection);
  }

  /** Counts a connection, and returns by how much its time exceeds that of a second's worth. */
  private synchronized long nanosAhead(long now) {
    due = (due - now > 0 ? due : now) + nanosPerConnection;
    return due - now - SECOND;
  }

  /** Netty would pause as well, but would log a stack trace each time. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      ctx.fireExceptionCaught(cause);
      return;
    }
    if (isLogDue(nanoTime(ctx.channel()))) {
      log.atWarn()
          .addKeyValue("reason", cause.getMessage())
          .log("accepting connections failed; retrying each second (ulimit -n)");
    }
    pause(ctx.channel(), SECOND, Pause.FAILURE);
  }

  private synchronized boolean isLogDue(long now) {
    boolean isDue = now - failureLoggedAt >= FAILURE_LOG_INTERVAL;
    if (isDue) {
      failureLoggedAt = now;
    }
    return isDue;
  }

  private void pause(Channel listener, long nanos, Pause reason) {
    if (!listener.config().isAutoRead()) {
      return;
    }
    listener.config().setAutoRead(false);
    long since = nanoTime(listener);
    Runnable resume =
        () -> {
          pausedNanos.merge(reason, nanoTime(listener) - since, Long::sum);
          if (listener.isOpen()) {
            listener.config().setAutoRead(true);
          }
        };
    var _ = listener.eventLoop().schedule(resume, nanos, TimeUnit.NANOSECONDS);
  }

  /** Reads the clock of the event loop's timers. */
  private static long nanoTime(Channel listener) {
    return listener.eventLoop().ticker().nanoTime();
  }
}
