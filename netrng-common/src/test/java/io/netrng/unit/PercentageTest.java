// SPDX-License-Identifier: Apache-2.0
package io.netrng.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PercentageTest {

  @ParameterizedTest
  @CsvSource({"10%,0.1,10%", "2.5%,0.025,2.5%", "0%,0,0%", "100 %,1,100%", "0.125%,0.00125,0.125%"})
  void parsesAndFormatsAPercentage(String text, double fraction, String printed) {
    Percentage percentage = Percentage.valueOf(text);
    assertThat(percentage.fraction()).isEqualTo(fraction);
    assertThat(percentage).hasToString(printed);
    assertThat(Percentage.valueOf(printed)).isEqualTo(percentage);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "ten%", "", "-1%", "1e1%", "%"})
  void rejectsAnInvalidPercentageWithTheExpectedFormat(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Percentage.valueOf(text))
        .withMessageContaining("write it like 10%");
  }

  @Test
  void rejectsAPercentageAbove100() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> Percentage.valueOf("101%"))
        .withMessageContaining("0% to 100%");
  }
}
