// SPDX-License-Identifier: Apache-2.0
package io.netrng.http;

import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Answers 421 to requests whose Host header is missing, repeated or not allowed, before any other
 * filter handles them. Forwarded headers have no effect, because any peer can set them.
 */
public final class HostFilter implements WebFilter, Ordered {

  private final AllowedHosts hosts;
  private final ProblemWriter problems;

  /** Makes a filter that passes requests to these hosts. */
  public HostFilter(AllowedHosts hosts, ProblemWriter problems) {
    this.hosts = hosts;
    this.problems = problems;
  }

  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    List<String> named = exchange.getRequest().getHeaders().getOrEmpty(HttpHeaders.HOST);
    if (named.size() == 1 && hosts.allow(named.getFirst())) {
      return chain.filter(exchange);
    }
    return problems.write(
        exchange,
        HttpStatus.MISDIRECTED_REQUEST,
        "The request's Host is neither an IP address nor localhost: add its name to %s to allow it."
            .formatted(hosts.property()));
  }
}
