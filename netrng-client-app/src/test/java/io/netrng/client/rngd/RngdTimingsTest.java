// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RngdTimingsTest {

  @ParameterizedTest
  @CsvSource({
    "KILLED, 1, 100",
    "KILLED, 2, 200",
    "KILLED, 100, 1000",
    "STALLED, 5, 1600",
    "EXITED, 11, 60000",
    "EXITED, 1000000, 60000",
    "REJECTED, 1, 10000",
    "REJECTED, 3, 40000",
    "REJECTED, 4, 60000"
  })
  void thePauseDoublesUpToTheMaximumOfItsFailureReason(FailureReason reason, int row, long millis) {
    assertThat(RngdTimings.DEFAULT.pause(reason, row)).isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void mapsExitCodesToFailureReasons() {
    assertThat(RngdFailure.ofExit(0).reason()).isEqualTo(FailureReason.EXITED);
    assertThat(RngdFailure.ofExit(0).detail()).contains("its source had ended");
    assertThat(RngdFailure.ofExit(1).reason()).isEqualTo(FailureReason.EXITED);
    assertThat(RngdFailure.ofExit(10).reason()).isEqualTo(FailureReason.REJECTED);
    assertThat(RngdFailure.ofExit(64).reason()).isEqualTo(FailureReason.REJECTED);
    assertThat(RngdFailure.ofExit(137).reason()).isEqualTo(FailureReason.KILLED);
    assertThat(RngdFailure.ofExit(137).detail()).isEqualTo("ended by signal 9");
  }
}
