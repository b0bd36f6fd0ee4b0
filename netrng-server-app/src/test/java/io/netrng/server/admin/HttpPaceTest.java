// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.WebFilterChain;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;
import tools.jackson.databind.json.JsonMapper;

class HttpPaceTest {

  private static final String API = "/api/v1/clients";
  private static final String METRICS = "/actuator/prometheus";

  private final VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
  private final HttpPace pace =
      new HttpPace(new JsonMapper(), () -> time.now(TimeUnit.NANOSECONDS));

  private long answered;
  private long refused;
  private long begun;

  @AfterEach
  void giveTheClockBack() {
    VirtualTimeScheduler.reset();
  }

  @Test
  void limitsContinuousRequestsToTwentyPerSecondAfterABurstOfOneHundred() {
    // given a client that repeats its request after each response, whose processing takes no time
    Disposable asking = ask(API, Duration.ZERO).repeat().subscribe();
    time.advanceTimeBy(Duration.ofSeconds(1));
    long inTheFirstSecond = answered;

    // when it continues for ten seconds
    time.advanceTimeBy(Duration.ofSeconds(10));
    asking.dispose();

    // then
    assertThat(inTheFirstSecond).isBetween(119L, 121L);
    assertThat(answered - inTheFirstSecond).isBetween(199L, 201L);
  }

  @Test
  void limitsRequestsThatTakeFiftyMillisecondsToTwoPerSecond() {
    // given
    Disposable asking = ask(API, Duration.ofMillis(50)).repeat().subscribe();
    time.advanceTimeBy(Duration.ofSeconds(10));
    long before = answered;

    // when
    time.advanceTimeBy(Duration.ofSeconds(10));
    asking.dispose();

    // then
    assertThat(answered - before).isBetween(19L, 21L);
  }

  @Test
  void concurrentRequestsGetNoMoreProcessingTimeThanSequentialOnes() {
    // given an API with a measured processing time
    ask(API, Duration.ofMillis(50)).repeat(20).subscribe();
    time.advanceTimeBy(Duration.ofMinutes(1));
    long before = answered;

    // when it receives a hundred concurrent requests
    for (int i = 0; i < 100; i++) {
      ask(API, Duration.ofMillis(50)).subscribe();
    }
    time.advanceTimeBy(Duration.ofMillis(500));
    long atOnce = answered - before;
    time.advanceTimeBy(Duration.ofMinutes(1));

    // then ten are processed, then as many as five seconds of the limit permit, and the others are
    // rejected
    assertThat(atOnce).isBetween(10L, 12L);
    assertThat(answered - before).isBetween(20L, 22L);
    assertThat(refused).isEqualTo(100 - (answered - before));
  }

  @Test
  void rejectsRequestsAboveTheLimitUntilRetryAfterHasPassed() {
    // given
    for (int i = 0; i < 100; i++) {
      ask(API, Duration.ofMillis(50)).subscribe();
    }
    MockServerWebExchange exchange = exchange(API);

    // when
    pace.filter(exchange, _ -> Mono.error(new AssertionError("must be rejected"))).block();

    // then
    MockServerHttpResponse response = exchange.getResponse();
    assertThat(response.getStatusCode()).isEqualTo(HttpStatus.TOO_MANY_REQUESTS);
    assertThat(response.getHeaders().getFirst(HttpHeaders.RETRY_AFTER)).isEqualTo("6");
    assertThat(response.getBodyAsString().block()).contains("\"status\":429", "come back in 6 s");

    // when all accepted requests are complete, and no other request has arrived
    time.advanceTimeBy(Duration.ofSeconds(6));
    long before = answered;
    ask(API, Duration.ZERO).subscribe();

    // then
    assertThat(answered - before).isEqualTo(1);
  }

  @Test
  void chargesTheProcessingTimeOfCancelledRequests() {
    // given an API that never responds
    WebFilterChain never = _ -> Mono.<Void>never().doOnSubscribe(_ -> begun++);

    // when a client sends ten requests, and cancels each after 200 ms of processing
    for (int i = 1; i <= 10; i++) {
      Disposable request = pace.filter(exchange(API), never).subscribe();
      while (begun < i) {
        time.advanceTimeBy(Duration.ofMillis(10));
      }
      time.advanceTimeBy(Duration.ofMillis(200));
      request.dispose();
    }

    // then the processing took half a second, a tenth of the time
    assertThat(time.now(TimeUnit.MILLISECONDS)).isBetween(13_000L, 17_000L);
  }

  @Test
  void doesNotChargeRequestsThatAreCancelledWhileTheyWait() {
    // given an API whose burst is used up, and many waiting requests
    ask(API, Duration.ofMillis(50)).repeat(9).subscribe();
    time.advanceTimeBy(Duration.ofMillis(500));
    Disposable.Composite waiting = Disposables.composite();
    for (int i = 0; i < 5; i++) {
      waiting.add(ask(API, Duration.ofMillis(50)).subscribe());
    }
    long before = answered;

    // when they are cancelled
    waiting.dispose();
    ask(API, Duration.ofMillis(50)).subscribe();
    time.advanceTimeBy(Duration.ofMillis(600));

    // then the next request does not wait for them
    assertThat(answered - before).isEqualTo(1);
  }

  @Test
  void limitsPrometheusRequestsSeparatelyFromTheApi() {
    // given an API whose limit is used up
    ask(API, Duration.ZERO).repeat(200).subscribe();
    long before = answered;

    // when
    ask(METRICS, Duration.ZERO).repeat(199).subscribe();
    long atOnce = answered - before;

    // then
    assertThat(atOnce).isBetween(100L, 102L);
  }

  @Test
  void doesNotLimitHealthRequests() {
    // given an API whose limit is used up
    ask(API, Duration.ZERO).repeat(200).subscribe();
    long before = answered;

    // when
    ask("/actuator/health", Duration.ZERO).repeat(199).subscribe();

    // then
    assertThat(answered - before).isEqualTo(200);
  }

  /** The router compares decoded segments and ignores matrix parameters. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        METRICS,
        "/actuator/%70rometheus",
        "/%61ctuator/prometheu%73",
        "/actuator;a=b/prometheus;c",
        API,
        "/%61pi/v1/clients",
        "/api;a=b/v1/clients",
        "/api/v1/%73ources"
      })
  void limitsEverySpellingOfAPathThatTheRouterAccepts(String path) {
    // when
    ask(path, Duration.ZERO).repeat(199).subscribe();

    // then
    assertThat(answered).isBetween(99L, 102L);
  }

  private Mono<Void> ask(String path, Duration work) {
    return Mono.defer(() -> {
      MockServerWebExchange exchange = exchange(path);
      WebFilterChain handler =
          answering -> {
            Mono<Void> answer = answering.getResponse().setComplete();
            return (work.isZero() ? answer : Mono.delay(work).then(answer))
                .doOnSuccess(_ -> answered++);
          };
      return pace.filter(exchange, handler)
          .doOnSuccess(_ -> {
            if (exchange.getResponse().getStatusCode() == HttpStatus.TOO_MANY_REQUESTS) {
              refused++;
            }
          });
    });
  }

  private static MockServerWebExchange exchange(String path) {
    return MockServerWebExchange.from(
        MockServerHttpRequest.method(HttpMethod.GET, URI.create(path)).build());
  }
}
