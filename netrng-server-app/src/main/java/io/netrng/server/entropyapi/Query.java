// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;

/**
 * The decoded target or form of a request.
 *
 * @param path empty in a form
 */
record Query(String path, Map<String, List<String>> parameters) {

  /** Decodes the target of a request. */
  static Query of(String uri) throws Rejection {
    return decode(new QueryStringDecoder(uri));
  }

  /** Decodes the body of a form. */
  static Query ofForm(String body) throws Rejection {
    return decode(new QueryStringDecoder(body, false));
  }

  private static Query decode(QueryStringDecoder decoder) throws Rejection {
    try {
      return new Query(decoder.path(), decoder.parameters());
    } catch (IllegalArgumentException e) {
      throw new Rejection(
          HttpResponseStatus.BAD_REQUEST, "a % is not followed by two hexadecimal digits.");
    }
  }
}
