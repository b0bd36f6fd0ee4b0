// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Makes responses that no cache keeps. */
final class Responses {

  private static final String PROBLEM = "application/problem+json";

  private Responses() {}

  /** Returns the header of an answer. */
  static HttpResponse header(Answer answer) {
    HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    describe(response.headers(), answer.contentType(), answer.length());
    return response;
  }

  /** Returns the answer to a client that waits before it sends a body. */
  static DefaultFullHttpResponse requestBody() {
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER);
  }

  /** Returns a response with this body. */
  static DefaultFullHttpResponse of(HttpResponseStatus status, String contentType, byte[] body) {
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
    describe(response.headers(), contentType, body.length);
    return response;
  }

  /** Returns the problem details of a rejection (RFC 9457). */
  static DefaultFullHttpResponse of(Rejection rejection, JsonMapper json) {
    byte[] problem =
        json.writeValueAsBytes(
            Map.of(
                "title", rejection.status().reasonPhrase(),
                "status", rejection.status().code(),
                "detail", rejection.detail()));
    DefaultFullHttpResponse response = of(rejection.status(), PROBLEM, problem);
    response.headers().add(rejection.headers());
    return response;
  }

  private static void describe(HttpHeaders headers, String contentType, long length) {
    headers
        .set(HttpHeaderNames.CONTENT_TYPE, contentType)
        .set(HttpHeaderNames.CONTENT_LENGTH, length)
        .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
        .set("X-Content-Type-Options", "nosniff");
  }
}
