// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelFreshnessTest {

  @ParameterizedTest
  @CsvSource({"117187, 1, 117187", "59999, 1, 60000", "60001, 1, 60001", "40000, 3, 120000"})
  void theIdleLimitIsTheDueTimeForEachConsumerButAtLeastAMinute(
      long due, int consumers, long millis) {
    assertThat(
            KernelFreshness.limit(
                Optional.of(Duration.ofMillis(due)), consumers, Duration.ofHours(1)))
        .isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @CsvSource({"0, 60", "20, 60", "250, 750", "1200, 3600"})
  void theIdleLimitForBestEffortIsThreeLongestWaitsButAtLeastAMinute(
      long longestWait, long seconds) {
    assertThat(KernelFreshness.limit(Optional.empty(), 3, Duration.ofSeconds(longestWait)))
        .isEqualTo(Duration.ofSeconds(seconds));
  }
}
