package io.netrng.bench;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a figure is to reach.
 *
 * @param atLeast the least, or null if there is none
 * @param atMost the most, or null if there is none
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

  /** How many times better than it has to be a figure is; below 1 it is not good enough. */
  double timesAsGood(double figure) {
    double most = atMost == null || figure == atMost ? Double.POSITIVE_INFINITY : atMost / figure;
    double least = atLeast == null ? Double.POSITIVE_INFINITY : figure / atLeast;
    return Math.min(most, least);
  }

  /** As the table shows it. */
  @Override
  public String toString() {
    return (atLeast == null ? "" : ">= " + number(atLeast))
        + (atLeast == null || atMost == null ? "" : ", ")
        + (atMost == null ? "" : "<= " + number(atMost));
  }

  /** A figure as the table shows it: small ones are ratios, as a rule. */
  static String number(double figure) {
    return String.format(Locale.ROOT, Math.abs(figure) < 100 ? "%.3f" : "%,.0f", figure);
  }
}
