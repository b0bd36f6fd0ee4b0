// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** The expected values were calculated with the formula of 6.3.1 and 40 decimal digits. */
class EntropyEstimateTest {

  private static final Offset<Double> EXACTLY = within(1e-9);

  private static EntropyEstimate of(int value, int count, int other, int otherCount) {
    int[] counts = new int[256];
    counts[value] += count;
    counts[other] += otherCount;
    return EntropyEstimate.of(counts);
  }

  @Test
  void equalCountsHaveTheHighestMinEntropyAndNoBias() {
    int[] counts = new int[256];
    Arrays.fill(counts, 4_000);
    assertThat(EntropyEstimate.of(counts).minEntropy()).isCloseTo(7.942514337978, EXACTLY);
    assertThat(EntropyEstimate.of(counts).monobitBias()).isZero();
  }

  @Test
  void aSingleByteValueHasNoMinEntropy() {
    assertThat(of(0x00, 1_000_000, 0xff, 0)).isEqualTo(new EntropyEstimate(0, 0, -0.5));
    assertThat(of(0x00, 0, 0xff, 1_000_000)).isEqualTo(new EntropyEstimate(0, 0, 0.5));
    assertThat(of(0x55, 1_000_000, 0xff, 0)).isEqualTo(new EntropyEstimate(0, 0, 0));
  }

  @Test
  void twoValuesHaveAboutOneBitIfEquallyFrequentAndLessOtherwise() {
    EntropyEstimate fair = of(0x0f, 500_000, 0xf0, 500_000);
    assertThat(fair.minEntropy()).isCloseTo(0.996288394207, EXACTLY);
    assertThat(fair.monobitBias()).isZero();
    EntropyEstimate biased = of(0x00, 750_000, 0xff, 250_000);
    assertThat(biased.minEntropy()).isCloseTo(0.412893437801, EXACTLY);
    assertThat(biased.monobitBias()).isEqualTo(-0.25);
  }

  @Test
  void theUpperBoundIsAboveTheClaimUnlessAValueIsMuchTooFrequent() {
    assertThat(of(0x0f, 500_000, 0xf0, 500_000).minEntropyAtMost())
        .isCloseTo(1.008682247454, EXACTLY);
    assertThat(of(0x00, 750_000, 0xff, 250_000).minEntropyAtMost())
        .isCloseTo(0.420043820220, EXACTLY);
    assertThat(mostFrequent(4_295).minEntropyAtMost()).isEqualTo(8);
    assertThat(mostFrequent(4_295).isBelow(8)).isFalse();
    assertThat(mostFrequent(4_301).minEntropyAtMost()).isCloseTo(7.999222820900, EXACTLY);
    assertThat(mostFrequent(4_301).isBelow(8)).isTrue();
    assertThat(mostFrequent(4_301).isBelow(7.9)).isFalse();
    assertThat(EntropyEstimate.UNKNOWN.isBelow(8)).isFalse();
  }

  /** A million bytes, of which one value has this count and the others share the rest. */
  private static EntropyEstimate mostFrequent(int count) {
    int[] counts = new int[256];
    Arrays.fill(counts, (1_000_000 - count) / 255);
    counts[7] = count;
    counts[8] += 1_000_000 - Arrays.stream(counts).sum();
    return EntropyEstimate.of(counts);
  }

  @Test
  void limitsTheUpperProbabilityBoundToOne() {
    assertThat(of(0x00, 1, 0xff, 1).minEntropy()).isZero();
  }
}
