// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LongestWaitTest {

  private long now = -1;
  private final LongestWait wait = new LongestWait(now);

  private void takeAfter(Duration pause) {
    now += pause.toNanos();
    wait.end(now);
  }

  @Test
  void isZeroUntilEntropyIsTaken() {
    assertThat(wait.duration()).isZero();
  }

  @Test
  void countsTheWaitForTheFirstEntropy() {
    takeAfter(Duration.ofSeconds(250));
    assertThat(wait.duration()).isEqualTo(Duration.ofSeconds(250));
  }

  @Test
  void staysNearTheLongestWaitDuringEqualWaitsAndBursts() {
    for (int i = 0; i < 100; i++) {
      takeAfter(Duration.ofSeconds(250));
      assertThat(wait.duration()).isEqualTo(Duration.ofSeconds(250));
      for (int j = 0; j < 26; j++) {
        takeAfter(Duration.ofMillis(20));
      }
      assertThat(wait.duration()).isGreaterThan(Duration.ofSeconds(249));
    }
  }

  @Test
  void decaysToTheCurrentWaitWithinFortyMinutesAfterALongOutage() {
    takeAfter(Duration.ofHours(9));
    assertThat(wait.duration()).isEqualTo(LongestWait.LIMIT);
    for (int i = 0; i < 40 * 60; i++) {
      takeAfter(Duration.ofSeconds(1));
    }
    assertThat(wait.duration()).isEqualTo(Duration.ofSeconds(1));
  }
}
