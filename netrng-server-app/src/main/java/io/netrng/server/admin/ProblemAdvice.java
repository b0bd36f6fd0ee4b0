// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.TypeMismatchException;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.reactive.result.method.annotation.ResponseEntityExceptionHandler;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.ServerWebInputException;
import reactor.core.publisher.Mono;

/** Names the unreadable value of a request in its error; Spring's own error does not name it. */
@ControllerAdvice
final class ProblemAdvice extends ResponseEntityExceptionHandler {

  @Override
  protected Mono<ResponseEntity<Object>> handleServerWebInputException(
      ServerWebInputException e,
      HttpHeaders headers,
      HttpStatusCode status,
      ServerWebExchange exchange) {
    e.getBody().setDetail(detail(e));
    return super.handleServerWebInputException(e, headers, status, exchange);
  }

  private static @Nullable String detail(ServerWebInputException e) {
    MethodParameter parameter = e.getMethodParameter();
    if (parameter == null || !(e.getCause() instanceof TypeMismatchException mismatch)) {
      return e.getReason();
    }
    RequestParam annotation = parameter.getParameterAnnotation(RequestParam.class);
    String name =
        annotation == null || annotation.name().isEmpty()
            ? parameter.getParameterName()
            : annotation.name();
    String wanted =
        parameter.getParameterType() == Duration.class
            ? "an ISO 8601 duration, such as PT5M,"
            : "a number";
    return "%s = '%s' cannot be read: %s is wanted.".formatted(name, mismatch.getValue(), wanted);
  }
}
