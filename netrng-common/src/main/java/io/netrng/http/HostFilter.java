package io.netrng.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Answers 421 to requests whose Host header is missing, repeated or not allowed, before anything
 * else looks at them. Forwarded headers do not count: any peer can set them.
 */
public final class HostFilter implements WebFilter, Ordered {

  private static final HttpStatusCode MISDIRECTED_REQUEST = HttpStatusCode.valueOf(421);

  private final AllowedHosts hosts;
  private final byte[] problem;

  /** Makes a filter that lets these hosts pass. */
  public HostFilter(AllowedHosts hosts) {
    this.hosts = hosts;
    problem =
        """
        {"type":"about:blank","title":"Misdirected Request","status":421,\
        "detail":"The request's Host is neither an IP address nor localhost: \
        add its name to %s to allow it."}\
        """
            .formatted(hosts.property())
            .getBytes(StandardCharsets.UTF_8);
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
    ServerHttpResponse response = exchange.getResponse();
    response.setStatusCode(MISDIRECTED_REQUEST);
    response.getHeaders().setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    return response.writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(problem)));
  }
}
