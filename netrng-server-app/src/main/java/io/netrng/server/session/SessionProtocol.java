// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.protocol.ClientFrame;
import io.netrng.protocol.CloseCode;
import io.netrng.protocol.ServerFrame;
import io.netrng.server.security.ClientAuthenticator;
import io.netrng.server.security.Identity;
import io.netrng.server.source.SampleBatch;
import io.netrng.tls.Negotiated;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;

/**
 * One connection from its first byte to its last. All of it runs on the connection's event loop.
 *
 * <pre>
 *   connected -> AwaitingHello -- HELLO, admitted --> Streaming -- BYE, or lost --> Ended
 *                     |                                   |                           ^
 *                     | refused, timed out, malformed     | CLOSE is sent             |
 *                     +----------------> Closing <--------+                           |
 *                                          | the peer closes, or two seconds pass     |
 *                                          +------------------------------------------+
 * </pre>
 */
final class SessionProtocol implements ClientConnection {

  private static final Duration LINGER = Duration.ofSeconds(2);
  private static final int MISSED_KEEPALIVES = 3;

  private final Connection connection;
  private final Channel channel;
  private final SessionRegistry sessions;
  private final PeerProbe probe;
  private State state = new State.AwaitingHello();
  private long lastHeard;
  private @Nullable ScheduledFuture<?> timer;
  private @Nullable Long pongToSend;
  private boolean pongUnderWay;

  /** Known in part from the connection on, in full from HELLO on. */
  private SessionEvent.Applicant applicant;

  private sealed interface State {
    record AwaitingHello() implements State {}

    record Streaming(ClientSession session) implements State {}

    record Closing() implements State {}

    record Ended() implements State {}
  }

  SessionProtocol(Connection connection, SessionRegistry sessions) {
    this.connection = connection;
    this.sessions = sessions;
    channel = connection.channel();
    probe = new PeerProbe(channel, this::onLost);
    lastHeard = now();
    applicant = new SessionEvent.Applicant(channel.remoteAddress(), null, null);
  }

  /** Starts to read from the connection. */
  void start() {
    timer = in(sessions.helloTimeout(), this::onHelloMissing);
    connection.onDispose(() -> onLoop(this::onLost));
    connection
        .inbound()
        .receiveObject()
        .cast(ClientFrame.class)
        .subscribe(this::onFrame, e -> onLost(), this::onLost);
  }

  @Override
  public Listener listener() {
    return Listener.STREAM;
  }

  @Override
  public SocketAddress address() {
    return channel.remoteAddress();
  }

  @Override
  public Optional<Negotiated> tls() {
    return Negotiated.of(channel);
  }

  @Override
  public EventLoop eventLoop() {
    return channel.eventLoop();
  }

  @Override
  public void write(ClientSession session, SampleBatch batch) {
    channel
        .write(new OwnedFrames(batch))
        .addListener(written -> {
          if (written.isSuccess()) {
            session.delivered(batch.offset(), batch.size());
          }
          session.acknowledge(batch);
        });
  }

  @Override
  public void flush() {
    channel.flush();
  }

  /** Ends the connection with a CLOSE. May be called from any thread. */
  @Override
  public void close(ServerFrame.Close close) {
    onLoop(() -> sendClose(close));
  }

  @Override
  public boolean probe() {
    return probe.begin();
  }

  private void onFrame(ClientFrame frame) {
    lastHeard = now();
    switch (state) {
      case State.AwaitingHello() -> {
        switch (frame) {
          case ClientFrame.Hello hello -> onHello(hello);
          case ClientFrame.Malformed(CloseCode code, String reason) -> refuse(code, reason);
          case ClientFrame.Request _, ClientFrame.Ping _, ClientFrame.Bye _ ->
              protocolError("the first frame is not HELLO");
        }
      }
      case State.Streaming(ClientSession session) -> {
        switch (frame) {
          case ClientFrame.Request(long samples) -> session.request(samples);
          case ClientFrame.Ping(long value) -> sendPong(value);
          case ClientFrame.Bye() -> end(SessionEvent.Disconnected.BYE);
          case ClientFrame.Hello _ -> protocolError("a second HELLO");
          case ClientFrame.Malformed(CloseCode code, String reason) -> refuse(code, reason);
        }
      }
      case State.Closing(), State.Ended() -> {
        // Read and discarded, so that a reset does not destroy our CLOSE.
      }
    }
  }

  private void onHello(ClientFrame.Hello hello) {
    switch (sessions.authenticator().identify(channel, hello.label())) {
      case ClientAuthenticator.Decision.Refused(String reason, Identity identity) -> {
        setApplicant(identity, hello);
        refuse(CloseCode.NOT_AUTHORISED, reason);
      }
      case ClientAuthenticator.Decision.Authenticated(Identity identity) -> {
        setApplicant(identity, hello);
        onHello(identity, hello);
      }
    }
  }

  private void setApplicant(@Nullable Identity identity, ClientFrame.Hello hello) {
    applicant =
        new SessionEvent.Applicant(
            applicant.address(), identity == null ? null : identity.name(), hello.label());
  }

  private void onHello(Identity identity, ClientFrame.Hello hello) {
    switch (sessions.admission().admit(identity.name(), hello)) {
      case Admission.Verdict.Refused(ServerFrame.Close close) ->
          sendClose(sessions.probePredecessors(identity, hello.label(), close));
      case Admission.Reservation reservation -> {
        ClientSession session = sessions.open(identity, hello.label(), reservation, this);
        state = new State.Streaming(session);
        cancelTimer();
        timer = in(sessions.keepalive().multipliedBy(MISSED_KEEPALIVES), this::onKeepaliveDue);
        // Before WELCOME is written: if the write fails, the client has disconnected when the call
        // returns.
        sessions.connected(session);
        channel
            .writeAndFlush(
                new ServerFrame.Welcome(
                    session.id(),
                    sessions.epoch(),
                    sessions.sampleSize(),
                    reservation.guarantee(),
                    sessions.keepalive().toMillis()))
            .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        sessions.enforce(session);
      }
    }
  }

  private void onHelloMissing() {
    if (state instanceof State.AwaitingHello) {
      sessions.helloTimedOut();
      protocolError("no HELLO within " + sessions.helloTimeout().toMillis() + " ms");
    }
  }

  private void onKeepaliveDue() {
    if (state instanceof State.Streaming) {
      Duration allowed = sessions.keepalive().multipliedBy(MISSED_KEEPALIVES);
      Duration left = allowed.minusNanos(now() - lastHeard);
      if (left.isPositive()) {
        timer = in(left, this::onKeepaliveDue);
      } else {
        sendClose(
            new ServerFrame.Close(
                CloseCode.KEEPALIVE_MISSED,
                0,
                "nothing was heard for " + allowed.toSeconds() + " s"));
      }
    }
  }

  /**
   * Only one PONG is written at a time; of the PINGs received meanwhile, the latest is answered.
   */
  private void sendPong(long value) {
    if (pongUnderWay) {
      pongToSend = value;
      return;
    }
    pongUnderWay = true;
    channel
        .writeAndFlush(new ServerFrame.Pong(value))
        .addListener(_ -> {
          pongUnderWay = false;
          Long next = pongToSend;
          pongToSend = null;
          if (next != null && state instanceof State.Streaming) {
            sendPong(next);
          }
        });
  }

  private void protocolError(String reason) {
    refuse(CloseCode.PROTOCOL_ERROR, reason);
  }

  private void refuse(CloseCode code, String reason) {
    sendClose(new ServerFrame.Close(code, ServerFrame.Close.NEVER, reason));
  }

  private void sendClose(ServerFrame.Close close) {
    switch (state) {
      case State.AwaitingHello() -> sessions.refused(close, applicant);
      case State.Streaming(ClientSession session) ->
          sessions.disconnected(session, close.code().externalName());
      case State.Closing(), State.Ended() -> {
        return;
      }
    }
    state = new State.Closing();
    cancelTimer();
    timer = in(LINGER, () -> end(close.code().externalName()));
    channel
        .writeAndFlush(close)
        .addListener(
            (ChannelFutureListener)
                written -> {
                  if (written.isSuccess()) {
                    shutOutput();
                  }
                });
  }

  /** TLS sends close_notify itself; without it an attacker may have ended the connection. */
  private void shutOutput() {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      shutSocket();
    } else {
      tls.closeOutbound().addListener(_ -> shutSocket());
    }
  }

  private void shutSocket() {
    if (channel instanceof DuplexChannel duplex) {
      duplex.shutdownOutput().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
  }

  private void onLost() {
    end(SessionEvent.Disconnected.CONNECTION_LOST);
  }

  private void end(String reason) {
    if (state instanceof State.Ended) {
      return;
    }
    if (state instanceof State.Streaming(ClientSession session)) {
      sessions.disconnected(session, reason);
    }
    state = new State.Ended();
    cancelTimer();
    sessions.ended(this);
    connection.dispose();
  }

  private ScheduledFuture<?> in(Duration delay, Runnable task) {
    return channel.eventLoop().schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Reads the clock of the timers. */
  private long now() {
    return channel.eventLoop().ticker().nanoTime();
  }

  private void cancelTimer() {
    ScheduledFuture<?> pending = timer;
    if (pending != null) {
      pending.cancel(false);
    }
  }

  private void onLoop(Runnable task) {
    EventLoop loop = channel.eventLoop();
    if (loop.inEventLoop()) {
      task.run();
    } else {
      loop.execute(task);
    }
  }
}
