// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.Serial;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A request that gets no entropy. */
final class Rejection extends Exception {

  @Serial private static final long serialVersionUID = 1;

  private final transient HttpResponseStatus status;
  private final @Nullable Duration retryAfter;

  /**
   * Rejects a request for good.
   *
   * @param detail the fault and its fix, for people
   */
  Rejection(HttpResponseStatus status, String detail) {
    this(status, detail, null);
  }

  /**
   * Rejects a request.
   *
   * @param retryAfter the time after which it may succeed; null if it is not known
   */
  Rejection(HttpResponseStatus status, String detail, @Nullable Duration retryAfter) {
    super(detail, null, false, false);
    this.status = status;
    this.retryAfter = retryAfter;
  }

  static Rejection parameter(String detail) {
    return new Rejection(HttpResponseStatus.UNPROCESSABLE_ENTITY, detail);
  }

  HttpResponseStatus status() {
    return status;
  }

  String detail() {
    return String.valueOf(getMessage());
  }

  @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
