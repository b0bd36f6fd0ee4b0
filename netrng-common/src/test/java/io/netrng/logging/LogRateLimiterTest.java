// SPDX-License-Identifier: Apache-2.0
package io.netrng.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LogRateLimiterTest {

  private long now = -1;
  private final LogRateLimiter limiter = new LogRateLimiter(() -> now);

  @Test
  void admitsFiftyLinesInTenSecondsAndReportsHowManyWereSuppressed() {
    for (int i = 0; i < LogRateLimiter.LIMIT; i++) {
      assertThat(limiter.tryAcquire()).hasValue(0);
    }
    for (int i = 0; i < 1_000; i++) {
      assertThat(limiter.tryAcquire()).isEmpty();
    }
    now += Duration.ofSeconds(10).toNanos() - 1;
    assertThat(limiter.tryAcquire()).isEmpty();
    now++;
    assertThat(limiter.tryAcquire()).hasValue(1_001);
    assertThat(limiter.tryAcquire()).hasValue(0);
  }
}
