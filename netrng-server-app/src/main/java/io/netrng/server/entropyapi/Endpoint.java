// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.naming.ExternalName;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

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

  /** Of requests that are rejected before their path matters. */
  private static final Set<Integer> ERRORS_OF_ALL = Set.of(400, 405, 413, 417, 421, 429);

  private final String path;
  private final String method;

  Endpoint(String path, String method) {
    this.path = path;
    this.method = method;
  }

  String path() {
    return path;
  }

  /** The only method of the path. */
  String method() {
    return method;
  }

  /** The statuses of answers to its requests, besides 200. */
  Set<Integer> errors() {
    return switch (this) {
      case OPENAPI -> errors(List.of());
      case CAPABILITIES, HEALTHTEST -> errors(List.of(401, 403));
      case RANDOM -> errors(List.of(401, 403, 422, 503));
      case ENTROPY -> errors(List.of(401, 403, 415, 422, 503));
      case POLLINATE -> errors(List.of(403, 404, 503));
    };
  }

  private static Set<Integer> errors(List<Integer> more) {
    Set<Integer> errors = new TreeSet<>(ERRORS_OF_ALL);
    errors.addAll(more);
    return errors;
  }

  /** The statuses of all answers, in order. */
  static List<Integer> statuses() {
    Set<Integer> statuses = new TreeSet<>(Set.of(200));
    for (Endpoint endpoint : values()) {
      statuses.addAll(endpoint.errors());
    }
    return List.copyOf(statuses);
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
