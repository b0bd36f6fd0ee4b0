package io.netrng.client.observability;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelHealthTest {

  @ParameterizedTest
  @CsvSource({"64, 117187", "16, 468750", "125, 60000", "4096, 60000"})
  void latelyIsAMinuteOrThreeBlocksAtTheGrantedRate(long rate, long millis) {
    assertThat(KernelHealth.lately(Optional.of(rate))).isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void bestEffortHasAMinute() {
    assertThat(KernelHealth.lately(Optional.empty())).isEqualTo(Duration.ofMinutes(1));
  }
}
