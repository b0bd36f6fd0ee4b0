// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CutoffsTest {

  @ParameterizedTest(name = "α = 2^-{0}, H = {1}")
  @CsvSource({
    "20, 8, 4, 13",
    "30, 8, 5, 16",
    "40, 8, 6, 19",
    "20, 1, 21, 311",
  })
  void cutoffsMatchThePublishedValues(
      int alphaExponent, double minEntropy, int repetition, int proportion) {
    // when
    Cutoffs cutoffs = Cutoffs.of(alphaExponent, minEntropy);

    // then
    assertThat(cutoffs.repetition()).isEqualTo(repetition);
    assertThat(cutoffs.proportion()).isEqualTo(proportion);
  }

  @ParameterizedTest(name = "α = 2^-{0}, H = {1}")
  @CsvSource({
    "20, 0.5, 41",
    "20, 2, 11",
    "20, 4, 6",
    "30, 3, 11",
    "40, 7, 7",
    "64, 8, 9",
    "64, 0.1, 641",
  })
  void repetitionCutoffFollowsTheFormula(int alphaExponent, double minEntropy, int repetition) {
    assertThat(Cutoffs.of(alphaExponent, minEntropy).repetition()).isEqualTo(repetition);
  }

  @ParameterizedTest(name = "α = 2^-{0}, H = {1}")
  @CsvSource({
    "20, 8, true",
    "40, 8, true",
    "64, 8, true",
    "40, 7.1, true",
    "40, 7.078, false",
    "40, 7, false",
    "20, 1, false",
  })
  void enablesTheStuckBitTestOnlyIfTheMinEntropyRequiresAllBits(
      int alphaExponent, double minEntropy, boolean stuckBit) {
    assertThat(Cutoffs.of(alphaExponent, minEntropy).stuckBit()).isEqualTo(stuckBit);
  }

  @ParameterizedTest(name = "α = 2^-{0}, H = {1}")
  @CsvSource({"20, 8, 3", "40, 8, 5", "41, 8, 6", "40, 1, 40"})
  void repeatedReadCutoffIsAlphaExponentDividedByMinEntropyRoundedUp(
      int alphaExponent, double minEntropy, int size) {
    assertThat(Cutoffs.of(alphaExponent, minEntropy).repeatedRead()).isEqualTo(size);
  }

  @ParameterizedTest(name = "α = 2^-{0}, H = {1}")
  @CsvSource({"19, 8", "65, 8", "40, 0.09", "40, 8.01", "40, NaN"})
  void rejectsAnAlphaOrMinEntropyOutOfRange(int alphaExponent, double minEntropy) {
    assertThatIllegalArgumentException().isThrownBy(() -> Cutoffs.of(alphaExponent, minEntropy));
  }

  @Test
  void proportionCutoffDoesNotFallWhenMinEntropyDecreases() {
    int last = 0;
    for (double minEntropy = 8; minEntropy >= 0.1; minEntropy -= 0.1) {
      int proportion = Cutoffs.of(40, minEntropy).proportion();
      assertThat(proportion).isBetween(last, HealthTests.WINDOW_SIZE + 1);
      last = proportion;
    }
  }

  @ParameterizedTest(name = "α = 2^-{0}, H = {1}")
  @CsvSource({
    "64, 0.1, 513, false",
    "64, 0.1249, 513, false",
    "64, 0.125, 512, true",
    "52, 0.1, 513, false",
    "51, 0.1, 512, true",
    "20, 0.1, 502, true",
  })
  void reportsWhetherTheProportionCutoffIsWithinAWindow(
      int alphaExponent, double minEntropy, int proportion, boolean within) {
    Cutoffs cutoffs = Cutoffs.of(alphaExponent, minEntropy);
    assertThat(cutoffs.proportion()).isEqualTo(proportion);
    assertThat(cutoffs.isProportionWithinWindow()).isEqualTo(within);
  }
}
