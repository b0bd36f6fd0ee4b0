// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.netrng.http.ProblemWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/**
 * Limits REST handlers to 10 % of processing time, and the metrics for Prometheus to another 10 %.
 * No client of the API can thus take the processor from the stream. A request waits until the cost
 * of earlier requests is paid off; a burst may cost half a second of work. A request that would
 * wait too long receives 429. Unauthorised requests were rejected before.
 *
 * <p>This permits twenty small requests per second continuously, or a hundred at once after an idle
 * time. The tokens of each bucket are nanoseconds of work. A request takes its expected cost before
 * it runs, and the difference is corrected afterwards.
 */
@Component
@Order(Ordered.LOWEST_PRECEDENCE)
final class HttpPace implements WebFilter {

  private static final long INVERSE_SHARE = 10;
  private static final Duration AT_ONCE = Duration.ofMillis(500);
  private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(5);

  /** Includes the request's connection and the check of its token, which are not measured here. */
  private static final long LEAST_WORK = TimeUnit.MILLISECONDS.toNanos(5);

  /** The expected cost of a request before the first measurement. */
  private static final long FIRST_WORK = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long LAST_COUNTS = 4;

  /** A slower response has waited for something other than the processor. */
  private static final long LONGEST_WORK = TimeUnit.MILLISECONDS.toNanos(200);

  private final ProblemWriter problems;
  private final LongSupplier nanoTime;
  private final List<CpuBudget> accounts;

  @Autowired
  HttpPace(JsonMapper json) {
    this(json, System::nanoTime);
  }

  HttpPace(JsonMapper json, LongSupplier nanoTime) {
    problems = new ProblemWriter(json);
    this.nanoTime = nanoTime;
    accounts = List.of(new CpuBudget("/api/**"), new CpuBudget("/actuator/prometheus"));
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    PathContainer path = exchange.getRequest().getPath().pathWithinApplication();
    for (CpuBudget account : accounts) {
      if (account.paths.matches(path)) {
        return account.filter(exchange, chain);
      }
    }
    return chain.filter(exchange);
  }

  private Mono<Void> refuse(ServerWebExchange exchange, long wait) {
    long seconds = Math.ceilDiv(wait, TimeUnit.SECONDS.toNanos(1));
    exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
    return problems.write(
        exchange,
        HttpStatus.TOO_MANY_REQUESTS,
        "So much was asked for that the stream would suffer: come back in %d s."
            .formatted(seconds));
  }

  /** The budget of work that one group of requests shares. */
  private final class CpuBudget {

    /** Compares decoded segments as the router does, so that each spelling of a path matches. */
    final PathPattern paths;

    private final Bucket work;

    /** The expected cost of a request; recent requests have the largest weight. */
    private final AtomicLong expectedWork = new AtomicLong(FIRST_WORK);

    CpuBudget(String paths) {
      this.paths = PathPatternParser.defaultInstance.parse(paths);
      work =
          Bucket.builder()
              .addLimit(limit ->
                  limit
                      .capacity(AT_ONCE.toNanos())
                      .refillGreedy(1, Duration.ofNanos(INVERSE_SHARE)))
              .withCustomTimePrecision(new Clock(nanoTime))
              .build();
    }

    Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
      long expected = expectedWork.get();
      // Until the cost of all earlier requests is paid off, but not of this one.
      long wait = Math.max(0, work.consumeIgnoringRateLimits(expected) - expected * INVERSE_SHARE);
      if (wait > LONGEST_WAIT) {
        work.addTokens(expected);
        return refuse(exchange, wait);
      }
      Mono<Void> handling =
          Mono.defer(() -> {
            long begun = nanoTime.getAsLong();
            return chain
                .filter(exchange)
                .doFinally(_ -> correct(expected, nanoTime.getAsLong() - begun));
          });
      if (wait == 0) {
        return handling;
      }
      return Mono.delay(Duration.ofNanos(wait))
          .doOnCancel(() -> work.addTokens(expected))
          .then(handling);
    }

    private void correct(long expected, long took) {
      long real = Math.clamp(took, LEAST_WORK, LONGEST_WORK);
      if (real > expected) {
        work.consumeIgnoringRateLimits(real - expected);
      } else if (real < expected) {
        work.addTokens(expected - real);
      }
      expectedWork.accumulateAndGet(real, (mean, last) -> mean + (last - mean) / LAST_COUNTS);
    }
  }

  /** The clock that refills a bucket. */
  private record Clock(LongSupplier nanoTime) implements TimeMeter {

    @Override
    public long currentTimeNanos() {
      return nanoTime.getAsLong();
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }
  }
}
