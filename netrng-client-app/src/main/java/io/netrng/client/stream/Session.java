package io.netrng.client.stream;

import io.netrng.client.rngd.FeedBuffer;
import io.netrng.client.stream.Ending.Cause;
import io.netrng.protocol.ClientFrame;
import io.netrng.protocol.ServerFrame;
import io.netrng.tls.TlsFailure;
import io.netrng.unit.DataRate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to one server, from HELLO to its end, which is told once. Its channel's event loop
 * does all there is to do.
 *
 * <pre>
 *   HELLO sent --WELCOME--&gt; streaming --CLOSE, lost, fault, BYE--&gt; ended
 *       +--------CLOSE, lost, fault, no answer-----------------------^
 * </pre>
 */
// A write that fails closes the channel, which is where the session learns of it.
@SuppressWarnings("FutureReturnValueIgnored")
final class Session extends SimpleChannelInboundHandler<ServerFrame> {

  private static final Logger log = LoggerFactory.getLogger(Session.class);

  private static final int MISSED_KEEPALIVES = 3;
  private static final long MOST_IN_ONE_REQUEST = 0xffff_ffffL;

  /**
   * Demand that the pace holds back is sent in lots: a REQUEST for each sample would be wasteful.
   */
  private static final long NANOS_BETWEEN_REQUESTS = Duration.ofMillis(500).toNanos();

  /** Copied, for a composite buffer's own setZero goes eight bytes at a time. */
  private static final ByteBuf ZEROS =
      Unpooled.unreleasableBuffer(
          Unpooled.directBuffer(ServerFrame.Welcome.MAX_SAMPLE_SIZE)
              .writeZero(ServerFrame.Welcome.MAX_SAMPLE_SIZE));

  private final ClientFrame.Hello hello;
  private final DataRate maxRate;
  private final FeedBuffer feed;
  private final Outstanding outstanding;
  private final Duration patience;
  private final Starvation starvation;
  private final int starvedInARow;
  private final Listener listener;

  private @Nullable ChannelHandlerContext context;
  private ServerFrame.@Nullable Welcome welcome;
  private @Nullable Pace pace;
  private long awaited;

  /** How many samples more may be asked for. */
  private long allowed = Long.MAX_VALUE;

  /** When the server began to owe what is awaited, or sent the last whole sample of it. */
  private long owedSince;

  private Duration owedAtMost = Duration.ZERO;
  private boolean starvationIsWatched;
  private boolean hasOffset;
  private long lastOffset;
  private boolean requestIsDue;
  private int silentKeepalives;
  private long pings;
  private boolean ended;

  /** Learns what becomes of the session, on its event loop. */
  interface Listener {

    /** The server has admitted the client. */
    void welcomed(ServerFrame.Welcome welcome);

    /** A sample came; it is zeroed after the call. */
    void received(ServerFrame.Sample sample);

    /** The session is over, which is told once. */
    void ended(Ending ending);
  }

  Session(
      ClientFrame.Hello hello,
      DataRate maxRate,
      FeedBuffer feed,
      Outstanding outstanding,
      Duration patience,
      Starvation starvation,
      int starvedInARow,
      Listener listener) {
    this.hello = hello;
    this.maxRate = maxRate;
    this.feed = feed;
    this.outstanding = outstanding;
    this.patience = patience;
    this.starvation = starvation;
    this.starvedInARow = starvedInARow;
    this.listener = listener;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    context = ctx;
    ctx.writeAndFlush(hello);
    ctx.executor()
        .schedule(
            () -> {
              if (welcome == null) {
                end(Cause.NO_WELCOME, "no answer to HELLO for " + patience.toMillis() + " ms");
              }
            },
            patience.toMillis(),
            TimeUnit.MILLISECONDS);
    ctx.fireChannelActive();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, ServerFrame frame) {
    switch (frame) {
      case ServerFrame.Welcome first -> welcome(ctx, first);
      case ServerFrame.Sample sample -> {
        try {
          sample(sample);
        } finally {
          ByteBuf entropy = sample.entropy();
          entropy.setBytes(entropy.readerIndex(), ZEROS, 0, entropy.readableBytes());
          entropy.release();
        }
      }
      case ServerFrame.Pong pong -> {
        if (welcome == null) {
          end(Cause.PROTOCOL_ERROR, "a PONG before WELCOME");
        }
      }
      case ServerFrame.Close close -> end(Ending.of(close));
      case ServerFrame.Malformed malformed -> end(Cause.PROTOCOL_ERROR, malformed.reason());
    }
  }

  private void welcome(ChannelHandlerContext ctx, ServerFrame.Welcome first) {
    if (welcome != null) {
      end(Cause.PROTOCOL_ERROR, "a second WELCOME");
    } else if (!first.isAcceptable()) {
      end(
          Cause.PROTOCOL_ERROR,
          "a WELCOME with samples of "
              + first.sampleSize()
              + " bytes and a keepalive of "
              + first.keepaliveMillis()
              + " ms");
    } else if (!ended) {
      welcome = first;
      pace = new Pace(maxRate, first.sampleSize(), nanoTime());
      owedAtMost = starvation.limit(first.guarantee(), maxRate, first.sampleSize(), starvedInARow);
      long keepalive = first.keepaliveMillis();
      ctx.pipeline().addFirst(new IdleStateHandler(keepalive, keepalive, 0, TimeUnit.MILLISECONDS));
      listener.welcomed(first);
      request();
    }
  }

  private void sample(ServerFrame.Sample sample) {
    if (ended) {
      return;
    }
    ByteBuf entropy = sample.entropy();
    if (welcome == null || awaited == 0) {
      end(Cause.PROTOCOL_ERROR, "a sample that was not asked for");
    } else if (entropy.readableBytes() != welcome.sampleSize()) {
      end(Cause.PROTOCOL_ERROR, "a sample of " + entropy.readableBytes() + " bytes");
    } else if (!isBeyondTheLast(sample.offset())) {
      end(
          Cause.PROTOCOL_ERROR,
          "a sample at offset "
              + Long.toUnsignedString(sample.offset())
              + " after one at "
              + Long.toUnsignedString(lastOffset));
    } else {
      lastOffset = sample.offset();
      hasOffset = true;
      awaited--;
      owedSince = nanoTime();
      if (pace != null) {
        pace.spend(entropy.readableBytes());
      }
      listener.received(sample);
      feed.offer(entropy);
      outstanding.remove(entropy.readableBytes());
      requestLater();
    }
  }

  /** Samples of one session neither repeat nor overlap: their offsets rise by their size. */
  private boolean isBeyondTheLast(long offset) {
    return !hasOffset
        || welcome == null
        || (Long.compareUnsigned(offset, lastOffset) > 0
            && Long.compareUnsigned(offset - lastOffset, welcome.sampleSize()) >= 0);
  }

  /** Sets how many samples more may be asked for; a new session may ask without limit. */
  void allow(long samples) {
    allowed = samples;
    request();
  }

  /** Requests what fits and the rate allows, beyond what is on its way. */
  void request() {
    if (ended || context == null || welcome == null || pace == null) {
      return;
    }
    long size = welcome.sampleSize();
    long fitting = (feed.freeSpace(pace.mostWaiting()) - outstanding.bytes()) / size;
    long inPace = pace.allowance(nanoTime()) / size - awaited;
    long samples = Math.min(Math.min(fitting, inPace), Math.min(allowed, MOST_IN_ONE_REQUEST));
    if (samples > 0) {
      owedSince = awaited == 0 ? nanoTime() : owedSince;
      awaited += samples;
      outstanding.add(samples * size);
      allowed -= allowed == Long.MAX_VALUE ? 0 : samples;
      context.writeAndFlush(new ClientFrame.Request(samples));
      watchForStarvation(context, owedAtMost.toNanos());
    }
    requestLater();
  }

  /** The buffer reports free space by itself; the rate limit does not. */
  private void requestLater() {
    if (requestIsDue || allowed == 0 || context == null || welcome == null || pace == null) {
      return;
    }
    long wanted = (awaited + 1) * welcome.sampleSize();
    if (pace.reaches(wanted)
        && feed.fitsOrNotifies(outstanding.bytes() + welcome.sampleSize(), pace.mostWaiting())) {
      requestIsDue = true;
      context
          .executor()
          .schedule(
              () -> {
                requestIsDue = false;
                request();
              },
              Math.max(NANOS_BETWEEN_REQUESTS, pace.nanosUntil(wanted)),
              TimeUnit.NANOSECONDS);
    }
  }

  private void watchForStarvation(ChannelHandlerContext ctx, long delay) {
    if (!starvationIsWatched) {
      starvationIsWatched = true;
      ctx.executor().schedule(() -> leaveIfStarved(ctx), delay, TimeUnit.NANOSECONDS);
    }
  }

  private void leaveIfStarved(ChannelHandlerContext ctx) {
    starvationIsWatched = false;
    if (ended || awaited == 0) {
      return;
    }
    long left = owedAtMost.toNanos() - (nanoTime() - owedSince);
    if (left <= 0) {
      end(
          Cause.STARVED,
          "no whole sample for %d ms, %d are awaited".formatted(owedAtMost.toMillis(), awaited));
    } else {
      watchForStarvation(ctx, left);
    }
  }

  /** The event loop's own clock. */
  private long nanoTime() {
    return context == null ? System.nanoTime() : context.executor().ticker().nanoTime();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof IdleStateEvent idle) {
      if (idle.state() == IdleState.READER_IDLE) {
        silentKeepalives = idle.isFirst() ? 1 : silentKeepalives + 1;
        if (silentKeepalives >= MISSED_KEEPALIVES) {
          end(Cause.KEEPALIVE_MISSED, "nothing heard for " + MISSED_KEEPALIVES + " keepalives");
          return;
        }
      }
      ctx.writeAndFlush(new ClientFrame.Ping(++pings));
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end(Cause.LOST, "the server closed the connection");
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Optional<String> tls = TlsFailure.reason(cause);
    if (tls.isPresent()) {
      end(welcome == null ? Cause.NO_TLS : Cause.LOST, tls.get());
      return;
    }
    if (!(cause instanceof IOException)) {
      log.atError().setCause(cause).log("session failed unexpectedly");
    }
    end(Cause.LOST, String.valueOf(cause.getMessage()));
  }

  /**
   * Says BYE and ends.
   *
   * @return whether there was anybody to say it to
   */
  boolean leave(Duration limit) {
    ChannelHandlerContext ctx = context;
    if (ctx != null && !ended) {
      markEnded();
      ctx.writeAndFlush(new ClientFrame.Bye()).addListener(ChannelFutureListener.CLOSE);
      ctx.executor().schedule(() -> ctx.close(), limit.toMillis(), TimeUnit.MILLISECONDS);
      listener.ended(Ending.of(Cause.STOPPED, "the client is stopping"));
    }
    return ctx != null;
  }

  private void end(Cause cause, String detail) {
    end(Ending.of(cause, detail));
  }

  /** The first end counts; those that follow from it do not. */
  void end(Ending ending) {
    if (!ended) {
      markEnded();
      if (context != null) {
        context.close();
      }
      listener.ended(ending);
    }
  }

  private void markEnded() {
    ended = true;
    outstanding.remove(welcome == null ? 0 : awaited * welcome.sampleSize());
  }
}
