// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetectedCloneTest {

  private static final long NOW = Duration.ofDays(1).toNanos();

  @Test
  void survivesTheEnvironment() {
    DetectedClone clone = new DetectedClone(3, "acpi-interrupt", NOW, NOW + 5, Map.of());
    assertThat(DetectedClone.parse(clone.value())).contains(clone);
    DetectedClone counting = clone.with(Map.of("acpi-interrupt", 12L, "vmclock", -1L));
    assertThat(DetectedClone.parse(counting.value())).contains(counting);
    assertThat(counting.counter("vmclock")).hasValue(-1);
    assertThat(counting.counter("kernel-log")).isEmpty();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {"", "1", "1,x,2", "x,x,1,1", "1,x y,1,1", "-1,x,1,1", "1,x,1,1,1", "1,x,1,1,x=g"})
  void ignoresAnInvalidVariable(String value) {
    assertThat(DetectedClone.parse(value)).isEmpty();
  }

  @Test
  void permitsThreeReplacementsAndThenOneInFiveMinutes() {
    DetectedClone clone = DetectedClone.NONE;
    for (int i = 0; i < 3; i++) {
      assertThat(clone.pause(NOW).isPositive()).isFalse();
      clone = clone.next("request", NOW).replacedAt(NOW);
    }
    assertThat(clone.pause(NOW)).isEqualTo(Duration.ofMinutes(5));
    long later = NOW + Duration.ofMinutes(5).toNanos();
    assertThat(clone.pause(later)).isZero();
    assertThat(clone.replacedAt(later).pause(later)).isEqualTo(Duration.ofMinutes(5));
    assertThat(clone.count()).isEqualTo(3);
  }
}
