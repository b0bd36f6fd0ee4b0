// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Collects the bodies of requests. Netty's aggregator answers some requests itself, before earlier
 * ones are answered, and reads while an answer is pending. This one passes such requests on as
 * {@link Received}, and leaves all reads to {@link ApiConnection}.
 */
final class RequestAggregator extends HttpObjectAggregator {

  /** Something to answer. All of it is answered in the order in which it was received. */
  sealed interface Received {

    /** A request with its body. */
    record Request(FullHttpRequest message) implements Received {}

    /** The header of a request whose client waits for 100 before it sends the body. */
    record BodyAnnounced() implements Received {}

    /** A request whose body is not read. */
    record Rejected(Rejection rejection) implements Received {}

    /** Releases the memory of a request that is answered, or never will be. */
    default void release() {
      if (this instanceof Request(FullHttpRequest message)) {
        message.release();
      }
    }
  }

  /**
   * Creates an aggregator.
   *
   * @param mostBytes the maximum of a body
   */
  RequestAggregator(int mostBytes) {
    super(mostBytes);
  }

  /** Passes an expectation on, and returns null, because this handler writes nothing. */
  @Override
  protected @Nullable Object newContinueResponse(
      HttpMessage start, int most, ChannelPipeline pipeline) {
    if (HttpUtil.is100ContinueExpected(start)) {
      if (!isContentLengthInvalid(start, most)) {
        start.headers().remove(HttpHeaderNames.EXPECT);
        pass(new Received.BodyAnnounced());
      }
    } else if (start.headers().contains(HttpHeaderNames.EXPECT)
        && start.protocolVersion().compareTo(HttpVersion.HTTP_1_1) >= 0) {
      pass(
          rejected(
              HttpResponseStatus.EXPECTATION_FAILED,
              "the request's Expect is unknown: leave it out, or send 100-continue.",
              true));
    }
    return null;
  }

  /**
   * Rejects a body that is too large. The rest of it is read and discarded, because the end of the
   * connection would reset it and destroy the answer. If the client waits for 100, it can leave the
   * body out, and the bytes that follow are ambiguous.
   */
  @Override
  protected void handleOversizedMessage(ChannelHandlerContext ctx, HttpMessage oversized) {
    pass(
        rejected(
            HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
            "the body is too large: send at most %d bytes.".formatted(maxContentLength()),
            HttpUtil.is100ContinueExpected(oversized)));
  }

  private static Received.Rejected rejected(
      HttpResponseStatus status, String detail, boolean closes) {
    Rejection rejection = new Rejection(status, detail);
    return new Received.Rejected(
        closes ? rejection.with(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE) : rejection);
  }

  private void pass(Received received) {
    ctx().fireChannelRead(received);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
  }
}
