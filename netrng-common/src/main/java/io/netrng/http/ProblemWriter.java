// SPDX-License-Identifier: Apache-2.0
package io.netrng.http;

import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes problem details (RFC 9457) for requests that a filter rejects. Controllers throw instead.
 *
 * @param json the application's mapper
 */
public record ProblemWriter(JsonMapper json) {

  private static final URI NO_TYPE = URI.create("about:blank");

  /**
   * Writes the answer.
   *
   * @param detail the fault and its fix, for people
   */
  public Mono<Void> write(ServerWebExchange exchange, HttpStatus status, String detail) {
    ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
    problem.setType(NO_TYPE);
    ServerHttpResponse response = exchange.getResponse();
    response.setStatusCode(status);
    response.getHeaders().setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    return response.writeWith(
        Mono.fromSupplier(() -> response.bufferFactory().wrap(json.writeValueAsBytes(problem))));
  }
}
