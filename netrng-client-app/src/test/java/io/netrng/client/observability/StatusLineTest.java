// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;

class StatusLineTest {

  @Test
  void describesAComponentByItsHealthStatusAndReason() {
    assertThat(ObservabilityConfiguration.describe(() -> Health.up().build())).isEqualTo("up");
    assertThat(
            ObservabilityConfiguration.describe(
                () -> Health.down().withDetail("reason", "connecting").build()))
        .isEqualTo("down (connecting)");
  }
}
