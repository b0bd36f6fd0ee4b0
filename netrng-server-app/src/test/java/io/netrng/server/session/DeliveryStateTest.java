// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeliveryStateTest {

  @ParameterizedTest(name = "{0} B/s, active: {1}, waits {2} s, attains {3}, available: {4}")
  @CsvSource({
    // A sample of 2,048 bytes is due every 32 s at 64 B/s, and each half second at 4,096 B/s.
    "  64, false,   0, 1.00, true,  IDLE",
    "  64, true,   9, 1.00, true,  SERVED",
    "  64, true,  63, 1.00, true,  SERVED",
    "  64, true,  64, 1.00, true,  STARVED",
    "4096, true,   2, 1.00, true,  SERVED",
    "4096, true,   3, 1.00, true,  STARVED",
    "4096, true,   1, 0.94, true,  SHORT",
    "4096, false,   0, 0.94, true,  SHORT",
    "4096, true,   1, 0.95, true,  SERVED",
    // Without a device, nothing is due, and nothing will arrive.
    "  64, true,   2, 1.00, false, SERVED",
    "  64, true,   3, 1.00, false, STARVED",
    "   0, true, 999, 1.00, true,  SERVED",
    "   0, true,   3, 1.00, false, STARVED",
  })
  void followsTheWaitAndTheAttainment(
      long guarantee,
      boolean active,
      long waited,
      double attainment,
      boolean available,
      DeliveryState state) {
    assertThat(
            DeliveryState.of(
                new DeliveryState.Deliveries(
                    guarantee, 2_048, active, Duration.ofSeconds(waited), attainment),
                available))
        .isEqualTo(state);
  }
}
