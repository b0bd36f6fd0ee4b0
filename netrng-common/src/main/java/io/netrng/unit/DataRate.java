// SPDX-License-Identifier: Apache-2.0
package io.netrng.unit;

import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of data per second, written like {@code 64B/s}, {@code 4KB/s} or {@code 2MB/s}. As in
 * Spring's {@code DataSize}, KB is 1,024 bytes.
 *
 * @param bytesPerSecond bytes per second, not negative
 */
public record DataRate(long bytesPerSecond) implements Comparable<DataRate> {

  /** A rate without a limit, written {@code unlimited}. */
  public static final DataRate UNLIMITED = new DataRate(Long.MAX_VALUE);

  private static final String UNLIMITED_TEXT = "unlimited";
  private static final Pattern TEXT = Pattern.compile("(\\d+)\\s*([KMGT]?)B/s");
  private static final String PREFIXES = "KMGT";
  private static final int KIBI_BITS = 10;

  /**
   * Checks the sign.
   *
   * @throws IllegalArgumentException if the rate is negative
   */
  public DataRate {
    if (bytesPerSecond < 0) {
      throw new IllegalArgumentException("a rate of " + bytesPerSecond + "B/s is negative");
    }
  }

  /**
   * Parses a rate. Spring's conversion finds this method by its name.
   *
   * @throws IllegalArgumentException if the text is not a rate; the message describes the format
   */
  public static DataRate valueOf(String text) {
    String trimmed = text.trim();
    if (trimmed.toLowerCase(Locale.ROOT).equals(UNLIMITED_TEXT)) {
      return UNLIMITED;
    }
    Matcher matcher = TEXT.matcher(trimmed);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a rate; write it like 64B/s, 4KB/s, 2MB/s or unlimited");
    }
    String prefix = matcher.group(2);
    int shift = prefix.isEmpty() ? 0 : KIBI_BITS * (PREFIXES.indexOf(prefix) + 1);
    BigInteger amount = new BigInteger(matcher.group(1)).shiftLeft(shift);
    if (amount.bitLength() >= Long.SIZE) {
      throw new IllegalArgumentException("'" + text + "' is too large; write unlimited");
    }
    return new DataRate(amount.longValue());
  }

  /** Returns whether this is {@link #UNLIMITED}. */
  public boolean isUnlimited() {
    return bytesPerSecond == Long.MAX_VALUE;
  }

  @Override
  public int compareTo(DataRate other) {
    return Long.compare(bytesPerSecond, other.bytesPerSecond);
  }

  /** Returns the shortest exact text that {@link #valueOf} can parse. */
  @Override
  public String toString() {
    if (isUnlimited()) {
      return UNLIMITED_TEXT;
    }
    long amount = bytesPerSecond;
    int prefix = -1;
    while (amount != 0 && amount % 1024 == 0 && prefix < PREFIXES.length() - 1) {
      amount /= 1024;
      prefix++;
    }
    return amount + (prefix < 0 ? "" : PREFIXES.substring(prefix, prefix + 1)) + "B/s";
  }
}
