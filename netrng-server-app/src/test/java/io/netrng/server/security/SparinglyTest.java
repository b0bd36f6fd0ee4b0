package io.netrng.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SparinglyTest {

  private long now = -1;
  private final Sparingly sparingly = new Sparingly(() -> now);

  @Test
  void tellsOfTheFirstInEachTenSecondsAndHowManyWereLeftOut() {
    for (int i = 0; i < Sparingly.MOST; i++) {
      assertThat(sparingly.next()).hasValue(0);
    }
    for (int i = 0; i < 1_000; i++) {
      assertThat(sparingly.next()).isEmpty();
    }
    now += Duration.ofSeconds(10).toNanos() - 1;
    assertThat(sparingly.next()).isEmpty();
    now++;
    assertThat(sparingly.next()).hasValue(1_001);
    assertThat(sparingly.next()).hasValue(0);
  }
}
