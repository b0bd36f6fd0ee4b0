package io.netrng.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.WebFilterChain;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

class AdminPaceTest {

  private final VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
  private final AdminPace pace = new AdminPace(() -> time.now(TimeUnit.NANOSECONDS));

  private long answered;

  @AfterEach
  void giveTheClockBack() {
    VirtualTimeScheduler.reset();
  }

  @Test
  void whoAsksWithoutAPauseIsAnsweredTwentyTimesASecondAfterTheFirstHundred() {
    // given somebody who asks again as soon as he is answered, which takes no time
    Disposable asking = ask("/api/v1/clients", Duration.ZERO).repeat().subscribe();
    time.advanceTimeBy(Duration.ofSeconds(1));
    long inTheFirstSecond = answered;

    // when he goes on for ten seconds
    time.advanceTimeBy(Duration.ofSeconds(10));
    asking.dispose();

    // then
    assertThat(inTheFirstSecond).isBetween(119L, 121L);
    assertThat(answered - inTheFirstSecond).isBetween(199L, 201L);
  }

  @Test
  void workOfFiftyMillisecondsIsDoneTwiceASecond() {
    // given
    Disposable asking = ask("/api/v1/clients", Duration.ofMillis(50)).repeat().subscribe();
    time.advanceTimeBy(Duration.ofSeconds(10));
    long before = answered;

    // when
    time.advanceTimeBy(Duration.ofSeconds(10));
    asking.dispose();

    // then
    assertThat(answered - before).isBetween(19L, 21L);
  }

  @Test
  void healthAndMetricsWaitForNobody() {
    // given an API that has been asked for all that it may do
    ask("/api/v1/clients", Duration.ZERO).repeat(200).subscribe();
    long before = answered;

    // when
    ask("/actuator/health", Duration.ZERO).repeat(199).subscribe();

    // then
    assertThat(answered - before).isEqualTo(200);
  }

  private Mono<Void> ask(String path, Duration work) {
    return Mono.defer(() -> {
      MockServerWebExchange exchange =
          MockServerWebExchange.from(MockServerHttpRequest.get(path).build());
      WebFilterChain handler =
          answering -> {
            Mono<Void> answer = answering.getResponse().setComplete().doOnSuccess(_ -> answered++);
            return work.isZero() ? answer : Mono.delay(work).then(answer);
          };
      return pace.filter(exchange, handler);
    });
  }
}
