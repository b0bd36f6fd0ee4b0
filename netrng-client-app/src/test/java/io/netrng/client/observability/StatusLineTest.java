// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;

class StatusLineTest {

  @Test
  void describesAComponentByItsHealthStatusAndReason() {
    assertThat(ObservabilityConfiguration.describe("stream", () -> Health.up().build()))
        .contains("stream up");
    assertThat(
            ObservabilityConfiguration.describe(
                "rngd", () -> Health.down().withDetail("reason", "connecting").build()))
        .contains("rngd down (connecting)");
    assertThat(ObservabilityConfiguration.describe("rngd", () -> null)).isEmpty();
  }
}
