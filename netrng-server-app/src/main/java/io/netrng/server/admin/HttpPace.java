package io.netrng.server.admin;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Lets the API work for a tenth of the time, and what Prometheus is shown for another, so that
 * nobody who asks as fast as he can takes the processor from the stream: a request waits until what
 * came before it is paid off, but for half a second of work that may be done at once; whoever would
 * wait for too long is answered 429 instead. Who may not ask at all was turned away before.
 *
 * <p>That is twenty small requests a second for good, or a hundred at once after a rest. It is the
 * generic cell rate algorithm (ITU-T I.371, annex A) with a price that is corrected once it is
 * known.
 */
@Component
@Order(Ordered.LOWEST_PRECEDENCE)
final class HttpPace implements WebFilter {

  private static final long INVERSE_SHARE = 10;
  private static final long AT_ONCE = TimeUnit.MILLISECONDS.toNanos(500) * INVERSE_SHARE;
  private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(5);

  /** A request's connection and the check of its token are not seen from here. */
  private static final long LEAST_WORK = TimeUnit.MILLISECONDS.toNanos(5);

  /** Before anything is known: what the first ones take. */
  private static final long FIRST_WORK = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long LAST_COUNTS = 4;

  /** An answer that takes longer waits for something else than the processor. */
  private static final long LONGEST_WORK = TimeUnit.MILLISECONDS.toNanos(200);

  private final LongSupplier nanoTime;

  /** By the beginning of their paths. */
  private final Map<String, Account> accounts;

  HttpPace() {
    this(System::nanoTime);
  }

  HttpPace(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    accounts = Map.of("/api/", new Account(), "/actuator/prometheus", new Account());
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    String path = exchange.getRequest().getPath().value();
    for (Map.Entry<String, Account> account : accounts.entrySet()) {
      if (path.startsWith(account.getKey())) {
        return account.getValue().filter(exchange, chain);
      }
    }
    return chain.filter(exchange);
  }

  private static Mono<Void> refuse(ServerHttpResponse response, long wait) {
    long seconds = Math.ceilDiv(wait, TimeUnit.SECONDS.toNanos(1));
    response.setStatusCode(HttpStatus.TOO_MANY_REQUESTS);
    response.getHeaders().set(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
    response.getHeaders().setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    byte[] problem =
        """
        {"type":"about:blank","title":"Too Many Requests","status":429,\
        "detail":"So much was asked for that the stream would suffer: come back in %d s."}\
        """
            .formatted(seconds)
            .getBytes(StandardCharsets.UTF_8);
    return response.writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(problem)));
  }

  /** What some requests have taken together. */
  private final class Account {

    /** When all of it is paid off, on that clock. */
    private final AtomicLong paidOff = new AtomicLong(nanoTime.getAsLong());

    /** What a request is likely to take: the last ones count most. */
    private final AtomicLong expectedWork = new AtomicLong(FIRST_WORK);

    Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
      long now = nanoTime.getAsLong();
      long expected = expectedWork.get();
      long before =
          paidOff.getAndUpdate(until ->
              wait(until, now) > LONGEST_WAIT
                  ? until
                  : Math.max(until, now) + expected * INVERSE_SHARE);
      long wait = wait(before, now);
      if (wait > LONGEST_WAIT) {
        return refuse(exchange.getResponse(), wait);
      }
      Mono<Void> work =
          Mono.defer(() -> {
            long begun = nanoTime.getAsLong();
            return chain
                .filter(exchange)
                .doFinally(_ -> pay(expected, nanoTime.getAsLong() - begun));
          });
      if (wait <= 0) {
        return work;
      }
      return Mono.delay(Duration.ofNanos(wait))
          .doOnCancel(() -> paidOff.addAndGet(-expected * INVERSE_SHARE))
          .then(work);
    }

    private static long wait(long paidOff, long now) {
      return paidOff - now - AT_ONCE;
    }

    private void pay(long expected, long took) {
      long work = Math.clamp(took, LEAST_WORK, LONGEST_WORK);
      paidOff.addAndGet((work - expected) * INVERSE_SHARE);
      expectedWork.accumulateAndGet(work, (mean, last) -> mean + (last - mean) / LAST_COUNTS);
    }
  }
}
