// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * The cutoffs of the health tests: each test fails by chance with a probability of about α.
 *
 * @param repetition this number of equal bytes in a row fails
 * @param proportion this number of bytes of a window that equal its first, itself included, fails
 * @param repeatedRead two equal reads in a row of at least this number of bytes fail
 * @param stuckBit whether a bit position that never changes within a window fails; a source whose
 *     bytes do not use all of their bits may have one
 */
public record Cutoffs(int repetition, int proportion, int repeatedRead, boolean stuckBit) {

  /** The range of −log2 α. */
  public static final int LEAST_ALPHA_EXPONENT = 20;

  /** The range of −log2 α. */
  public static final int GREATEST_ALPHA_EXPONENT = 64;

  /** The minimum entropy per byte that can be claimed, in bits. */
  public static final double LEAST_MIN_ENTROPY = 0.1;

  /** The maximum entropy per byte, in bits. */
  public static final double GREATEST_MIN_ENTROPY = 8;

  /** More digits than any of the probabilities needs to be distinguished from α. */
  private static final MathContext PRECISION = new MathContext(50);

  /**
   * The cutoffs of SP 800-90B 4.4.1 and 4.4.2, and those of the guards.
   *
   * @param alphaExponent −log2 α
   * @param minEntropy H, the claimed entropy of each byte, in bits
   */
  public static Cutoffs of(int alphaExponent, double minEntropy) {
    if (alphaExponent < LEAST_ALPHA_EXPONENT || alphaExponent > GREATEST_ALPHA_EXPONENT) {
      throw new IllegalArgumentException("alpha exponent " + alphaExponent);
    }
    if (!(minEntropy >= LEAST_MIN_ENTROPY && minEntropy <= GREATEST_MIN_ENTROPY)) {
      throw new IllegalArgumentException("min-entropy " + minEntropy);
    }
    int bytes = (int) Math.ceil(alphaExponent / minEntropy);
    return new Cutoffs(
        1 + bytes,
        1 + critbinom(Math.pow(2, -minEntropy), alphaExponent),
        bytes,
        (HealthTests.WINDOW_SIZE - 1) * (minEntropy - 7) >= alphaExponent);
  }

  /** Whether the adaptive proportion test can fail: a window has 512 bytes. */
  public boolean isProportionWithinWindow() {
    return proportion <= HealthTests.WINDOW_SIZE;
  }

  /**
   * The least k with this property: if each byte of a window has a feature with probability p, more
   * than k bytes have it with a probability of at most α. That is critbinom(512, p, 1 − α).
   */
  private static int critbinom(double p, int alphaExponent) {
    BigDecimal alpha = BigDecimal.ONE.divide(BigDecimal.TWO.pow(alphaExponent));
    BigDecimal odds = new BigDecimal(1 - p).divide(new BigDecimal(p), PRECISION);
    int n = HealthTests.WINDOW_SIZE;
    BigDecimal exactly = new BigDecimal(p).pow(n, PRECISION);
    BigDecimal more = BigDecimal.ZERO;
    int k = n;
    while (more.add(exactly).compareTo(alpha) <= 0) {
      more = more.add(exactly, PRECISION);
      BigDecimal ways = new BigDecimal(k).divide(new BigDecimal(n - k + 1), PRECISION);
      exactly = exactly.multiply(ways, PRECISION).multiply(odds, PRECISION);
      k--;
    }
    return k;
  }
}
