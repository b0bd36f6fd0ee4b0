// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.sink.Intake;
import io.netrng.client.sink.SinkKind;
import io.netrng.client.stream.DisconnectReason.Cause;
import io.netrng.protocol.ClientFrame;
import io.netrng.protocol.ServerFrame;
import io.netrng.tls.Negotiated;
import io.netrng.tls.PeerCertificate;
import io.netrng.tls.TlsFailure;
import io.netrng.unit.DataRate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to one server. All methods run on the connection's event loop.
 *
 * <pre>
 *   Unconnected --> Connecting --> AwaitingWelcome -- WELCOME --> Streaming
 *        |              |            | HELLO is sent                  |
 *        | fails        | fails      | CLOSE, lost, fault, no answer  | CLOSE, lost, fault,
 *        |              |            |                                | starved
 *        +--------------+----------> Ended &lt;--------------------------+
 * </pre>
 */
// A failed write closes the channel, which ends the session.
@SuppressWarnings("FutureReturnValueIgnored")
final class Session extends SimpleChannelInboundHandler<ServerFrame> {

  private static final Logger log = LoggerFactory.getLogger(Session.class);

  private static final int MISSED_KEEPALIVES = 3;

  /** The source of a copy, because setZero of a composite buffer writes eight bytes at a time. */
  private static final ByteBuf ZEROS =
      Unpooled.unreleasableBuffer(
          Unpooled.directBuffer(ServerFrame.Welcome.MAX_SAMPLE_SIZE)
              .writeZero(ServerFrame.Welcome.MAX_SAMPLE_SIZE));

  private final Settings settings;
  private final int starvedInARow;
  private final Listener listener;
  private State state = new State.Unconnected();

  /** Copied to the demand, which exists from WELCOME on. */
  private long allowed = Long.MAX_VALUE;

  /** The time without a frame, in halves of the keepalive. */
  private int silentHalves;

  private long pings;

  private sealed interface State {
    record Unconnected() implements State {}

    /** The TCP connection or the TLS handshake is in progress. */
    record Connecting(ChannelHandlerContext context) implements State {}

    record AwaitingWelcome(ChannelHandlerContext context) implements State {}

    record Streaming(ChannelHandlerContext context, ServerFrame.Welcome welcome, Demand demand)
        implements State {}

    record Ended() implements State {}
  }

  /**
   * The settings that all sessions of a stream share.
   *
   * @param hello the first frame of each session
   * @param welcomeTimeout how long a server may take to answer HELLO
   * @param maxRate the maximum rate of requests
   * @param sink the kind of the sink that the buffer belongs to
   * @param feed receives the samples
   * @param outstandingBytes the bytes that all sessions of the stream have requested and not
   *     received, because they fill the same buffer
   * @param starvation how long a server may owe samples
   * @param clock by which certificates expire
   */
  record Settings(
      ClientFrame.Hello hello,
      Duration welcomeTimeout,
      DataRate maxRate,
      SinkKind sink,
      Intake feed,
      AtomicLong outstandingBytes,
      Starvation starvation,
      InstantSource clock) {}

  /** Receives the events of a session, on its event loop. */
  interface Listener {

    /** The server has admitted the client. */
    void onWelcome(ServerFrame.Welcome welcome);

    /** A sample was received. It is zeroed after the call. */
    void onSample(ServerFrame.Sample sample);

    /** The server has not answered for one keepalive, or another one. */
    void onSilence();

    /** The server has owed samples for some keepalives, or for another one. */
    void onOverdue();

    /**
     * The session has ended. This event is reported once, and not after {@link #leave}.
     *
     * @param deliveryTime from the first sample to the last
     */
    void onEnd(DisconnectReason reason, Duration deliveryTime);
  }

  /**
   * Makes a session for one connection.
   *
   * @param starvedInARow how many earlier sessions with this server have starved in a row
   */
  Session(Settings settings, int starvedInARow, Listener listener) {
    this.settings = settings;
    this.starvedInARow = starvedInARow;
    this.listener = listener;
  }

  /** Returns the server's WELCOME; empty before that and after the end. */
  Optional<ServerFrame.Welcome> welcome() {
    return state instanceof State.Streaming(_, ServerFrame.Welcome welcome, _)
        ? Optional.of(welcome)
        : Optional.empty();
  }

  /** Returns the certificate that the server presented; empty without TLS and after the end. */
  Optional<X509Certificate> certificate() {
    return state instanceof State.Streaming(ChannelHandlerContext context, _, _)
        ? certificate(context)
        : Optional.empty();
  }

  private static Optional<X509Certificate> certificate(ChannelHandlerContext context) {
    return Optional.ofNullable(context.pipeline().get(SslHandler.class))
        .flatMap(PeerCertificate::of);
  }

  /** Returns the parameters of the TLS connection; empty without TLS, before WELCOME and later. */
  Optional<Negotiated> tls() {
    return state instanceof State.Streaming(ChannelHandlerContext context, _, _)
        ? Negotiated.of(context.channel())
        : Optional.empty();
  }

  /** Sets how many more samples may be requested; a new session may request without limit. */
  void allow(long samples) {
    allowed = samples;
    if (state instanceof State.Streaming(_, _, Demand demand)) {
      demand.allow(samples);
    }
  }

  /** Requests as many samples as the buffer has space for, within the limits. */
  void request() {
    if (state instanceof State.Streaming(_, _, Demand demand)) {
      demand.request();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (state instanceof State.Unconnected) {
      state = new State.Connecting(ctx);
    } else {
      ctx.close();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (state instanceof State.Connecting) {
      state = new State.AwaitingWelcome(ctx);
      expiry(ctx)
          .ifPresentOrElse(
              expired -> end(Cause.NO_TLS, "the server's certificate expired at " + expired),
              () -> greet(ctx));
    }
    ctx.fireChannelActive();
  }

  /**
   * Returns when the server's certificate has expired. A resumed TLS session has the certificate of
   * its first handshake, and TLS does not verify it again.
   */
  private Optional<Instant> expiry(ChannelHandlerContext ctx) {
    return certificate(ctx)
        .map(certificate -> certificate.getNotAfter().toInstant())
        .filter(settings.clock().instant()::isAfter);
  }

  private void greet(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(settings.hello());
    long timeout = settings.welcomeTimeout().toMillis();
    ctx.executor().schedule(this::onWelcomeMissing, timeout, TimeUnit.MILLISECONDS);
  }

  private void onWelcomeMissing() {
    if (state instanceof State.AwaitingWelcome) {
      end(
          Cause.NO_WELCOME,
          "no answer to HELLO for " + settings.welcomeTimeout().toMillis() + " ms");
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, ServerFrame frame) {
    try {
      onFrame(ctx, frame);
    } finally {
      if (frame instanceof ServerFrame.Sample(_, ByteBuf entropy)) {
        entropy.setBytes(entropy.readerIndex(), ZEROS, 0, entropy.readableBytes());
        entropy.release();
      }
    }
  }

  private void onFrame(ChannelHandlerContext ctx, ServerFrame frame) {
    switch (state) {
      case State.AwaitingWelcome _ -> {
        switch (frame) {
          case ServerFrame.Welcome welcome -> onWelcome(ctx, welcome);
          case ServerFrame.Sample _ -> protocolError(Demand.NOT_REQUESTED);
          case ServerFrame.Pong _ -> protocolError("a PONG before WELCOME");
          case ServerFrame.Close close -> end(DisconnectReason.of(close));
          case ServerFrame.Malformed(String reason) -> protocolError(reason);
        }
      }
      case State.Streaming(_, _, Demand demand) -> {
        switch (frame) {
          case ServerFrame.Welcome _ -> protocolError("a second WELCOME");
          case ServerFrame.Sample sample -> onSample(demand, sample);
          case ServerFrame.Pong _ -> {
            // Any received frame resets the keepalive; PONG has no other effect.
          }
          case ServerFrame.Close close -> end(DisconnectReason.of(close));
          case ServerFrame.Malformed(String reason) -> protocolError(reason);
        }
      }
      case State.Unconnected(), State.Connecting _, State.Ended() -> {
        // Ignores bytes before HELLO and after the end.
      }
    }
  }

  private void onWelcome(ChannelHandlerContext ctx, ServerFrame.Welcome welcome) {
    if (!welcome.isAcceptable()) {
      protocolError(
          "a WELCOME with samples of "
              + welcome.sampleSize()
              + " bytes and a keepalive of "
              + welcome.keepaliveMillis()
              + " ms");
      return;
    }
    Demand demand =
        new Demand(
            ctx,
            welcome,
            settings,
            starvedInARow,
            allowed,
            listener::onOverdue,
            detail -> end(Cause.STARVED, detail));
    state = new State.Streaming(ctx, welcome, demand);
    long keepalive = welcome.keepaliveMillis();
    ctx.pipeline()
        .addFirst(new IdleStateHandler(keepalive / 2, keepalive, 0, TimeUnit.MILLISECONDS));
    listener.onWelcome(welcome);
    request();
  }

  private void onSample(Demand demand, ServerFrame.Sample sample) {
    demand
        .faultOf(sample)
        .ifPresentOrElse(
            this::protocolError,
            () -> {
              demand.count(sample);
              listener.onSample(sample);
              demand.store(sample.entropy());
            });
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof IdleStateEvent idle) {
      onIdle(ctx, idle);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  /**
   * A PING after half a keepalive shows at its end whether the session is dead, or the server only
   * had nothing to send.
   */
  private void onIdle(ChannelHandlerContext ctx, IdleStateEvent idle) {
    if (idle.state() == IdleState.READER_IDLE) {
      silentHalves = idle.isFirst() ? 1 : silentHalves + 1;
      if (silentHalves >= 2) {
        listener.onSilence();
      }
      if (silentHalves >= 2 * MISSED_KEEPALIVES) {
        end(Cause.KEEPALIVE_MISSED, "nothing heard for " + MISSED_KEEPALIVES + " keepalives");
        return;
      }
    }
    ctx.writeAndFlush(new ClientFrame.Ping(++pings));
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
      end(state instanceof State.Streaming ? Cause.LOST : Cause.NO_TLS, tls.get());
      return;
    }
    if (!(cause instanceof IOException)) {
      log.atError().setCause(cause).log("session failed unexpectedly");
    }
    end(Cause.LOST, String.valueOf(cause.getMessage()));
  }

  /**
   * Sends BYE if a connection exists, and ends without an event.
   *
   * @param limit after which the connection is closed even if BYE is not written
   * @param callback is called when the connection is closed
   */
  void leave(Duration limit, Runnable callback) {
    State last = state;
    state = new State.Ended();
    switch (last) {
      case State.Unconnected(), State.Ended() -> callback.run();
      case State.Connecting(var context) -> {
        context.channel().closeFuture().addListener(_ -> callback.run());
        context.close();
      }
      case State.AwaitingWelcome(var context) -> sendBye(context, limit, callback);
      case State.Streaming(var context, _, var demand) -> {
        demand.cancel();
        sendBye(context, limit, callback);
      }
    }
  }

  private static void sendBye(ChannelHandlerContext context, Duration limit, Runnable callback) {
    context.channel().closeFuture().addListener(_ -> callback.run());
    context.writeAndFlush(new ClientFrame.Bye()).addListener(ChannelFutureListener.CLOSE);
    context.executor().schedule(() -> context.close(), limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void protocolError(String detail) {
    end(Cause.PROTOCOL_ERROR, detail);
  }

  private void end(Cause cause, String detail) {
    end(DisconnectReason.of(cause, detail));
  }

  /** Ends the session and closes its connection; later calls have no effect. */
  void end(DisconnectReason reason) {
    State last = state;
    state = new State.Ended();
    switch (last) {
      // No connection exists, or the connection closes itself after a TLS alert.
      case State.Unconnected(), State.Connecting _ -> listener.onEnd(reason, Duration.ZERO);
      case State.AwaitingWelcome(var context) -> {
        context.close();
        listener.onEnd(reason, Duration.ZERO);
      }
      case State.Streaming(var context, _, var demand) -> {
        demand.cancel();
        context.close();
        listener.onEnd(reason, demand.deliveryTime());
      }
      case State.Ended() -> {
        // The session has already ended.
      }
    }
  }
}
