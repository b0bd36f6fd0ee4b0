// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.naming.ExternalName;
import java.util.Optional;

/** The paths of the API. The constants in lower case are metric tags. */
public enum Endpoint implements ExternalName {
  /** What the API can provide (QRNG Open API). */
  CAPABILITIES("/v1/capabilities", "GET"),
  /** Blocks of entropy in JSON (QRNG Open API). */
  ENTROPY("/v1/entropy", "POST"),
  /** The results of the health tests (QRNG Open API). */
  HEALTHTEST("/v1/healthtest", "GET"),
  /** Entropy as bytes. */
  RANDOM("/v1/random", "GET"),
  /** The description of the API. */
  OPENAPI("/v1/openapi.json", "GET"),
  /** A seed for pollinate. */
  POLLINATE("/", "POST");

  private final String path;
  private final String method;

  Endpoint(String path, String method) {
    this.path = path;
    this.method = method;
  }

  /** The only method of the path. */
  String method() {
    return method;
  }

  static Optional<Endpoint> of(String path) {
    for (Endpoint endpoint : values()) {
      if (endpoint.path.equals(path)) {
        return Optional.of(endpoint);
      }
    }
    return Optional.empty();
  }
}
