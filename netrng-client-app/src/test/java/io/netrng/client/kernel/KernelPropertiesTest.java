// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netrng.startup.InvalidPropertyException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelPropertiesTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @ParameterizedTest
  @ValueSource(ints = {-1, 9})
  void rejectsACreditThatAByteCannotHave(int credit) {
    assertThatExceptionOfType(InvalidPropertyException.class)
        .isThrownBy(() -> new KernelProperties(credit, SECOND))
        .withMessageContaining("netrng.client.kernel.credit-bits-per-byte = " + credit);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 99, 3_600_001})
  void rejectsAnIntervalOutOfRange(long millis) {
    assertThatExceptionOfType(InvalidPropertyException.class)
        .isThrownBy(() -> new KernelProperties(8, Duration.ofMillis(millis)))
        .withMessageContaining("netrng.client.kernel.reseed-interval = " + millis + "ms");
  }

  @Test
  void acceptsTheBounds() {
    assertThat(new KernelProperties(0, Duration.ofMillis(100)).creditBitsPerByte()).isZero();
    assertThat(new KernelProperties(8, Duration.ofHours(1)).creditBitsPerByte()).isEqualTo(8);
  }
}
