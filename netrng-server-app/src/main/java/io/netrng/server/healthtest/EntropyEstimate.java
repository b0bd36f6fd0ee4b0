// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

/**
 * The statistics of a device's bytes in large numbers. They do not show the origin of the bytes:
 * the output of any good generator has equal statistics.
 *
 * @param minEntropy the most-common-value estimate (SP 800-90B 6.3.1) of the min-entropy of a byte,
 *     in bits: a lower bound with a confidence of 99 %, which for perfect bytes is about 7.88 over
 *     a million of them and less over fewer; NaN while it is unknown
 * @param minEntropyAtMost an upper bound of the min-entropy of a byte, in bits, by the other end of
 *     such an interval; a claim above it is wrong, with a false alarm in fewer than one of a
 *     million estimates; NaN while it is unknown
 * @param monobitBias the share of ones among all bits minus a half; NaN while it is unknown
 */
public record EntropyEstimate(double minEntropy, double minEntropyAtMost, double monobitBias) {

  /** The estimate before enough bytes were counted. */
  public static final EntropyEstimate UNKNOWN =
      new EntropyEstimate(Double.NaN, Double.NaN, Double.NaN);

  /** The quantile of the normal distribution for the upper end of the interval in 6.3.1. */
  private static final double Z = 2.576;

  /**
   * The same for the lower end. It is larger, because the most common of 256 values is by chance
   * more common than the average, and because there are many estimates in the life of a device.
   */
  private static final double Z_OF_CLAIM = 6;

  /** The figures of at least two bytes, counted by value. */
  static EntropyEstimate of(int[] counts) {
    long size = 0;
    long ones = 0;
    int most = 0;
    for (int value = 0; value < counts.length; value++) {
      size += counts[value];
      ones += (long) counts[value] * Integer.bitCount(value);
      most = Math.max(most, counts[value]);
    }
    double p = (double) most / size;
    double deviation = Math.sqrt(p * (1 - p) / (size - 1));
    return new EntropyEstimate(
        minEntropy(Math.min(1, p + Z * deviation)),
        minEntropy(Math.max(1.0 / counts.length, p - Z_OF_CLAIM * deviation)),
        (double) ones / (size * Byte.SIZE) - 0.5);
  }

  /** The min-entropy of a byte whose most common value has this probability, in bits. */
  private static double minEntropy(double probability) {
    return Math.log(1 / probability) / Math.log(2);
  }

  /**
   * Whether the bytes show that a claim is wrong.
   *
   * @param claim bits of min-entropy per byte
   */
  public boolean isBelow(double claim) {
    return minEntropyAtMost < claim;
  }
}
