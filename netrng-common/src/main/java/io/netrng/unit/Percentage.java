// SPDX-License-Identifier: Apache-2.0
package io.netrng.unit;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a whole, written like {@code 10%} or {@code 2.5%}.
 *
 * @param fraction from 0 to 1
 */
public record Percentage(double fraction) {

  private static final Pattern TEXT = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,3})?)\\s*%");
  private static final double HUNDRED = 100;

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if the fraction is not from 0 to 1
   */
  public Percentage {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException(fraction * HUNDRED + "% is not from 0% to 100%");
    }
  }

  /**
   * Parses a percentage. Spring's conversion finds this method by its name.
   *
   * @throws IllegalArgumentException if the text is not a percentage; the message describes the
   *     format
   */
  public static Percentage valueOf(String text) {
    Matcher matcher = TEXT.matcher(text.trim());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a percentage; write it like 10%");
    }
    return new Percentage(Double.parseDouble(matcher.group(1)) / HUNDRED);
  }

  /** Returns a text that {@link #valueOf} can parse. */
  @Override
  public String toString() {
    double percent = Math.round(fraction * HUNDRED * 1000) / 1000.0;
    return percent == Math.rint(percent) ? (long) percent + "%" : percent + "%";
  }
}
