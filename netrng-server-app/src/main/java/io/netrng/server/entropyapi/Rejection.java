// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.Serial;
import java.time.Duration;

/** A request that gets no entropy. */
final class Rejection extends Exception {

  @Serial private static final long serialVersionUID = 1;

  private final transient HttpResponseStatus status;
  private final transient HttpHeaders headers = new DefaultHttpHeaders();

  /**
   * Rejects a request.
   *
   * @param detail the fault and its fix, for people
   */
  Rejection(HttpResponseStatus status, String detail) {
    super(detail, null, false, false);
    this.status = status;
  }

  static Rejection parameter(String detail) {
    return new Rejection(HttpResponseStatus.UNPROCESSABLE_ENTITY, detail);
  }

  /** Adds a header to the answer. */
  Rejection with(CharSequence name, Object value) {
    headers.add(name, value);
    return this;
  }

  /** Adds the time after which the request may succeed, in whole seconds. */
  Rejection retryAfter(Duration time) {
    return with(
        HttpHeaderNames.RETRY_AFTER, Math.max(1, time.plusSeconds(1).minusNanos(1).toSeconds()));
  }

  HttpResponseStatus status() {
    return status;
  }

  /** The headers of the answer. */
  HttpHeaders headers() {
    return headers;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
