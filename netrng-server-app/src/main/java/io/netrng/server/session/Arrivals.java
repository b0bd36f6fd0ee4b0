package io.netrng.server.session;

import io.netrng.naming.ExternalName;
import io.netrng.protocol.ServerFrame;
import io.netrng.server.security.LimitsProperties;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections from the moment at which they are accepted, before TLS and before anything is said.
 * Those that come too fast wait in the kernel's backlog; those of an address that has too many are
 * refused, and as soon as many of them are being refused, closed without a word.
 */
public final class Arrivals {

  private static final Logger log = LoggerFactory.getLogger(Arrivals.class);

  private static final AttributeKey<ServerFrame.Close> REFUSAL =
      AttributeKey.valueOf(Arrivals.class, "refusal");

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** A shorter one would cost more than the connections that it holds back. */
  private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

  /** So much time must have passed before a failure is told of again. */
  private static final long SILENCE = TimeUnit.MINUTES.toNanos(1);

  private final LimitsProperties limits;
  private final Admission admission;
  private final Networks networks = new Networks();
  private final AtomicInteger open = new AtomicInteger();
  private final Map<Pause, Long> pausedNanos = new ConcurrentHashMap<>();

  Arrivals(LimitsProperties limits, Admission admission) {
    this.limits = limits;
    this.admission = admission;
  }

  /** Why nobody is accepted for a while; the constants in lower case are metric tags. */
  public enum Pause implements ExternalName {
    /** Connections came faster than they may. */
    RATE,
    /** The kernel gives no more, as a rule since no more files may be open. */
    FAILURE;
  }

  /** Connections that are open, whatever has come of them. */
  public int open() {
    return open.get();
  }

  /** For how long nobody was accepted for this reason since the start, in seconds. */
  public double pausedSeconds(Pause reason) {
    return pausedNanos.getOrDefault(reason, 0L) / (double) SECOND;
  }

  /** What an accepted connection is to be told at once; null if it may say HELLO. */
  static ServerFrame.@Nullable Close refusal(Channel connection) {
    return connection.attr(REFUSAL).get();
  }

  /** Begins to accept from a listener that does not read yet. */
  void begin(Channel listener) {
    listener.pipeline().addFirst(new Handler());
    listener.config().setAutoRead(true);
  }

  private int limit(InetAddress network) {
    Integer set = limits.connectionsPerAddress();
    if (set != null) {
      return set;
    }
    return network.isLoopbackAddress() ? Integer.MAX_VALUE : admission.maxClients();
  }

  /** Whether a connection that was accepted is to go on. */
  private boolean enter(Channel connection) {
    InetAddress network =
        Networks.of(((InetSocketAddress) connection.remoteAddress()).getAddress());
    int limit = limit(network);
    Networks.Place place = networks.enter(network, limit);
    if (place == Networks.Place.NONE) {
      return false;
    }
    if (place == Networks.Place.REFUSED) {
      connection.attr(REFUSAL).set(admission.tooManyFromAddress(limit));
    }
    open.incrementAndGet();
    connection
        .closeFuture()
        .addListener(_ -> {
          open.decrementAndGet();
          networks.leave(network, place);
        });
    return true;
  }

  /** Runs on the listener's event loop. */
  private final class Handler extends ChannelInboundHandlerAdapter {

    private final long nanosEach = SECOND / limits.acceptRate();

    /** When all that was accepted would be, had it come at the rate. */
    private long due = System.nanoTime();

    private long toldAt = System.nanoTime() - SILENCE;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      Channel connection = (Channel) message;
      keepRate(ctx.channel());
      if (enter(connection)) {
        ctx.fireChannelRead(connection);
      } else {
        connection.unsafe().closeForcibly();
      }
    }

    /** At most a second's worth is accepted ahead of the rate. */
    private void keepRate(Channel listener) {
      long now = System.nanoTime();
      due = (due - now > 0 ? due : now) + nanosEach;
      long ahead = due - now - SECOND;
      if (ahead > 0) {
        pause(listener, Math.max(ahead, SHORTEST_PAUSE), Pause.RATE);
      }
    }

    /** Netty would pause as well, and print a stack trace each time. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (!(cause instanceof IOException)) {
        ctx.fireExceptionCaught(cause);
        return;
      }
      long now = System.nanoTime();
      if (now - toldAt >= SILENCE) {
        toldAt = now;
        log.atWarn()
            .addKeyValue("reason", cause.getMessage())
            .log("accepting connections failed; retrying each second (ulimit -n)");
      }
      pause(ctx.channel(), SECOND, Pause.FAILURE);
    }

    private void pause(Channel listener, long nanos, Pause reason) {
      if (!listener.config().isAutoRead()) {
        return;
      }
      listener.config().setAutoRead(false);
      long since = System.nanoTime();
      var _ =
          listener
              .eventLoop()
              .schedule(() -> resume(listener, since, reason), nanos, TimeUnit.NANOSECONDS);
    }

    private void resume(Channel listener, long since, Pause reason) {
      pausedNanos.merge(reason, System.nanoTime() - since, Long::sum);
      if (listener.isOpen()) {
        listener.config().setAutoRead(true);
      }
    }
  }
}
