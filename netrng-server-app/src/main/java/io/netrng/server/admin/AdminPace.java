package io.netrng.server.admin;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Lets the API work for a tenth of the time, so that nobody who asks it as fast as he can takes the
 * processor from the stream: a request waits until what the ones before it took is paid off, but
 * for half a second of work that may be done at once. Strangers were turned away before.
 *
 * <p>That is twenty small requests a second for good, or a hundred at once after a rest.
 */
@Component
@Order(Ordered.LOWEST_PRECEDENCE)
final class AdminPace implements WebFilter {

  private static final String API = "/api/";
  private static final long INVERSE_SHARE = 10;
  private static final long AT_ONCE = TimeUnit.MILLISECONDS.toNanos(500) * INVERSE_SHARE;

  /** A request's connection, the check of its token and the writing are not seen from here. */
  private static final long LEAST_WORK = TimeUnit.MILLISECONDS.toNanos(5);

  /** An answer that takes longer waits for something else than the processor. */
  private static final long LONGEST_WORK = TimeUnit.MILLISECONDS.toNanos(200);

  private final LongSupplier nanoTime;

  /** When all work is paid off, on that clock. */
  private final AtomicLong paidOff;

  AdminPace() {
    this(System::nanoTime);
  }

  AdminPace(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    paidOff = new AtomicLong(nanoTime.getAsLong());
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    if (!exchange.getRequest().getPath().value().startsWith(API)) {
      return chain.filter(exchange);
    }
    long wait = paidOff.get() - nanoTime.getAsLong() - AT_ONCE;
    Mono<Void> work =
        Mono.defer(() -> {
          long begun = nanoTime.getAsLong();
          exchange.getResponse().beforeCommit(() -> Mono.fromRunnable(() -> pay(begun)));
          return chain.filter(exchange);
        });
    return wait > 0 ? Mono.delay(Duration.ofNanos(wait)).then(work) : work;
  }

  private void pay(long begun) {
    long now = nanoTime.getAsLong();
    long price = Math.clamp(now - begun, LEAST_WORK, LONGEST_WORK) * INVERSE_SHARE;
    paidOff.updateAndGet(until -> Math.max(until - now, 0) + now + price);
  }
}
