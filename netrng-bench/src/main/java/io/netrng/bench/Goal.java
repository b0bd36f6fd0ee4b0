// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The goal of a figure.
 *
 * @param atLeast the minimum, or null if there is none
 * @param atMost the maximum, or null if there is none
 */
record Goal(@Nullable Double atLeast, @Nullable Double atMost) {

  static Goal atLeast(double least) {
    return new Goal(least, null);
  }

  static Goal atMost(double most) {
    return new Goal(null, most);
  }

  static Goal between(double least, double most) {
    return new Goal(least, most);
  }

  boolean isReachedBy(double figure) {
    return (atLeast == null || figure >= atLeast) && (atMost == null || figure <= atMost);
  }

  /** Returns the factor by which a figure is better than the goal; below 1, it misses the goal. */
  double timesAsGood(double figure) {
    double most = atMost == null || figure == atMost ? Double.POSITIVE_INFINITY : atMost / figure;
    double least = atLeast == null ? Double.POSITIVE_INFINITY : figure / atLeast;
    return Math.min(most, least);
  }

  /** Formats the goal for the table. */
  @Override
  public String toString() {
    return (atLeast == null ? "" : ">= " + number(atLeast))
        + (atLeast == null || atMost == null ? "" : ", ")
        + (atMost == null ? "" : "<= " + number(atMost));
  }

  /** Formats a figure for the table; small figures are usually ratios. */
  static String number(double figure) {
    return String.format(Locale.ROOT, Math.abs(figure) < 100 ? "%.3f" : "%,.0f", figure);
  }
}
