// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.protocol.ServerFrame.Close;
import io.netrng.server.session.ByteClient;
import io.netrng.server.session.Listener;
import io.netrng.server.session.SessionEvent;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP connection: a client of the server from its first request for entropy on. It answers one
 * request after the other, and reads none while it answers. The transport must not read by itself.
 * All of it runs on the event loop.
 *
 * <pre>
 *             +------ all is written, or an error is answered -----+
 *             v                                                    |
 *   connected -> Reading -- request for entropy --> Waiting -- first bytes --> Writing
 *                   |                                  |                          |
 *                   | closed, idle,                    | closed                   | closed, kicked,
 *                   +---------------> Ended <----------+--------------------------+ stalled
 *                     or the last request is answered
 * </pre>
 */
final class ApiConnection extends ChannelInboundHandlerAdapter implements ByteClient.Owner {

  private static final Logger log = LoggerFactory.getLogger(ApiConnection.class);

  private final EntropyApi api;
  private final Requests decoder;
  private final @Nullable Close rejection;
  private final Runnable onIdentified;

  /** More requests than this, sent while an earlier one is answered, end the connection. */
  private static final int MOST_PENDING = 100;

  /** Received while an earlier request is answered. */
  private final Queue<RequestAggregator.Received> pending = new ArrayDeque<>();

  private State state = new State.Reading();
  private @Nullable ByteClient client;
  private ByteClient.@Nullable Applicant applicant;
  private boolean anonymous;
  private boolean serving;
  private boolean proceeding;
  private boolean again;

  private boolean identified;

  /** No request after the present one is answered. */
  private boolean last;

  /** The time without entropy after which the present answer ends. */
  private Duration patience = Duration.ZERO;

  /** What the answer lacked at the last look, in bytes. */
  private long stalledAt = -1;

  private @Nullable ChannelHandlerContext context;
  private @Nullable ScheduledFuture<?> deadline;

  private sealed interface State {
    record Reading() implements State {}

    record Waiting(Answer answer) implements State {}

    record Writing(Answer answer) implements State {}

    record Ended() implements State {}
  }

  /**
   * Creates a connection.
   *
   * @param encrypted whether it uses TLS
   * @param rejection the reason why its address gets no answer; null without one
   * @param onIdentified called with the first request of a known client, or of an anonymous machine
   *     that is admitted
   */
  ApiConnection(
      EntropyApi api, boolean encrypted, @Nullable Close rejection, Runnable onIdentified) {
    this.api = api;
    decoder = new Requests(api, encrypted);
    this.rejection = rejection;
    this.onIdentified = onIdentified;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    api.begun();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    RequestAggregator.Received received =
        message instanceof FullHttpRequest request
            ? new RequestAggregator.Received.Request(request)
            : (RequestAggregator.Received) message;
    if (state instanceof State.Ended || pending.size() >= MOST_PENDING) {
      received.release();
      var _ = ctx.close();
    } else {
      pending.add(received);
      serveNext(ctx);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    readNext(ctx);
    ctx.fireChannelReadComplete();
  }

  private void readNext(ChannelHandlerContext ctx) {
    if (state instanceof State.Reading) {
      ctx.read();
    }
  }

  /** Serves the requests that were received, up to one that must wait for entropy. */
  private void serveNext(ChannelHandlerContext ctx) {
    if (serving) {
      return;
    }
    serving = true;
    while (state instanceof State.Reading && !pending.isEmpty()) {
      RequestAggregator.Received next = pending.remove();
      try {
        serve(ctx, next);
      } catch (Rejection e) {
        reject(ctx, e);
      } finally {
        next.release();
      }
    }
    serving = false;
    readNext(ctx);
  }

  private void serve(ChannelHandlerContext ctx, RequestAggregator.Received received)
      throws Rejection {
    if (rejection != null) {
      throw EntropyApi.rejection(rejection);
    }
    switch (received) {
      case RequestAggregator.Received.Request(FullHttpRequest request) -> serve(ctx, request);
      case RequestAggregator.Received.BodyAnnounced() -> {
        var _ = ctx.writeAndFlush(Responses.requestBody());
      }
      case RequestAggregator.Received.Rejected(Rejection rejected) ->
          send(ctx, Responses.of(rejected, api.json()));
    }
  }

  private void serve(ChannelHandlerContext ctx, FullHttpRequest request) throws Rejection {
    last = !HttpUtil.isKeepAlive(request);
    switch (wanted(ctx, request)) {
      case Requests.Wanted.Document(DefaultFullHttpResponse response) -> {
        HttpUtil.setKeepAlive(response, identified);
        send(ctx, response);
      }
      case Requests.Wanted.Entropy wanted -> begin(ctx, wanted);
    }
  }

  private Requests.Wanted wanted(ChannelHandlerContext ctx, FullHttpRequest request)
      throws Rejection {
    try {
      return decoder.wanted(ctx, request);
    } finally {
      if (decoder.haveIdentified() && !identified) {
        identified = true;
        onIdentified.run();
      }
    }
  }

  private void begin(ChannelHandlerContext ctx, Requests.Wanted.Entropy wanted) throws Rejection {
    Answer answer = wanted.answer();
    ByteClient from;
    try {
      if (wanted.anonymous()) {
        enter(wanted);
      }
      from = admitted(ctx, wanted.applicant());
      if (from.available() < answer.missing()) {
        api.requireEntropy();
      }
      api.requireBelowCeiling(
          from, wanted.applicant().identity(), wanted.anonymous(), answer.missing());
    } catch (Rejection e) {
      answer.destroy();
      throw e;
    }
    state = new State.Waiting(answer);
    stalledAt = -1;
    patience = api.patience(from.session());
    if (!identified) {
      last = true;
      onIdentified.run();
    }
    expectBytes(ctx);
    from.draw(answer.missing());
    proceed();
  }

  private void expectBytes(ChannelHandlerContext ctx) {
    deadline = ctx.executor().schedule(this::onStall, patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void enter(Requests.Wanted.Entropy wanted) throws Rejection {
    api.requireBelowCeilingOfAnonymous(wanted.applicant().identity(), wanted.answer().missing());
    if (!anonymous && !api.enter()) {
      throw new Rejection(HttpResponseStatus.TOO_MANY_REQUESTS, "too many machines ask for seeds.")
          .retryAfter(Duration.ofSeconds(1));
    }
    anonymous = true;
  }

  /** A proxy may pass requests of several clients over one connection. */
  private ByteClient admitted(ChannelHandlerContext ctx, ByteClient.Applicant of) throws Rejection {
    ByteClient present = client;
    if (present != null && of.equals(applicant)) {
      return present;
    }
    endSession(SessionEvent.Disconnected.BYE);
    return switch (ByteClient.admit(api.sessions(), Listener.HTTP, ctx.channel(), of, this)) {
      case ByteClient.Answer.Refused(Close close) -> throw api.refused(close, ctx.channel(), of);
      case ByteClient.Answer.Admitted(ByteClient next) -> {
        client = next;
        applicant = of;
        yield next;
      }
    };
  }

  @Override
  public void onBytes() {
    proceed();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    proceed();
    ctx.fireChannelWritabilityChanged();
  }

  /**
   * Writes what is available of the answer. Netty reports a change of writability during a write or
   * a flush; the answer proceeds after it.
   */
  private void proceed() {
    again = true;
    if (proceeding) {
      return;
    }
    proceeding = true;
    while (again) {
      again = false;
      writeAvailable();
    }
    proceeding = false;
  }

  /** The header of an answer follows only when there are bytes. */
  private void writeAvailable() {
    ChannelHandlerContext ctx = context;
    ByteClient from = client;
    if (ctx == null || from == null) {
      return;
    }
    if (state instanceof State.Waiting(Answer answer) && from.available() > 0) {
      state = new State.Writing(answer);
      HttpResponse header = Responses.header(answer);
      HttpUtil.setKeepAlive(header, !last);
      var _ = ctx.write(header);
    }
    if (state instanceof State.Writing(Answer answer)) {
      answer.write(from, ctx);
      if (answer.missing() == 0) {
        end(ctx, HttpResponseStatus.OK);
      } else {
        ctx.flush();
      }
    }
  }

  private void reject(ChannelHandlerContext ctx, Rejection rejected) {
    DefaultFullHttpResponse response = Responses.of(rejected, api.json());
    if (rejected.status().equals(HttpResponseStatus.BAD_REQUEST) || !identified) {
      HttpUtil.setKeepAlive(response, false);
    }
    send(ctx, response);
  }

  private void send(ChannelHandlerContext ctx, DefaultFullHttpResponse response) {
    last |= !HttpUtil.isKeepAlive(response);
    var _ = ctx.write(response);
    finish(ctx, response.status());
  }

  private void end(ChannelHandlerContext ctx, HttpResponseStatus status) {
    var _ = ctx.write(LastHttpContent.EMPTY_LAST_CONTENT);
    finish(ctx, status);
  }

  private void finish(ChannelHandlerContext ctx, HttpResponseStatus status) {
    api.answered(status);
    cancelDeadline();
    state = last ? new State.Ended() : new State.Reading();
    ctx.flush();
    if (anonymous) {
      leave(SessionEvent.Disconnected.BYE);
    }
    serveNext(ctx);
  }

  private void onStall() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      return;
    }
    if (state instanceof State.Waiting(Answer answer)) {
      answer.destroy();
      reject(
          ctx,
          new Rejection(
                  HttpResponseStatus.SERVICE_UNAVAILABLE,
                  "no entropy came within %d s.".formatted(patience.toSeconds()))
              .retryAfter(Duration.ofSeconds(1)));
    } else if (state instanceof State.Writing writing) {
      // HttpConnections ends the connection of a client that does not read.
      expectBytes(ctx);
      if (writing.answer.missing() == stalledAt && ctx.channel().isWritable()) {
        var _ = ctx.close();
      }
      stalledAt = writing.answer.missing();
    }
  }

  @Override
  public void onClosed(Close close) {
    client = null;
    applicant = null;
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      return;
    }
    if (state instanceof State.Waiting(Answer answer)) {
      answer.destroy();
      last = true;
      reject(ctx, EntropyApi.rejection(close));
    }
    var _ = ctx.close();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof IdleStateEvent && state instanceof State.Reading) {
      var _ = ctx.close();
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    leave(
        switch (state) {
          case State.Reading(), State.Ended() -> SessionEvent.Disconnected.BYE;
          case State.Waiting _, State.Writing _ -> SessionEvent.Disconnected.CONNECTION_LOST;
        });
    switch (state) {
      case State.Waiting(Answer answer) -> answer.destroy();
      case State.Writing(Answer answer) -> answer.destroy();
      case State.Reading(), State.Ended() -> {}
    }
    state = new State.Ended();
    cancelDeadline();
    pending.forEach(RequestAggregator.Received::release);
    pending.clear();
    api.ended();
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // The codec throws the second if a body ends too early.
    if (!(cause instanceof IOException || cause instanceof PrematureChannelClosureException)) {
      log.atError().setCause(cause).log("request of the entropy API failed");
    }
    var _ = ctx.close();
  }

  private void endSession(String reason) {
    ByteClient last = client;
    client = null;
    applicant = null;
    if (last != null) {
      last.end(reason);
    }
  }

  private void leave(String reason) {
    endSession(reason);
    if (anonymous) {
      anonymous = false;
      api.leave();
    }
  }

  private void cancelDeadline() {
    ScheduledFuture<?> running = deadline;
    deadline = null;
    if (running != null) {
      running.cancel(false);
    }
  }
}
