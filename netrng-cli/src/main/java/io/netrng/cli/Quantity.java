// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.math.BigInteger;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Rates, amounts and times, as the configuration has them: KB is 1,024 bytes. */
final class Quantity {

  private static final String PREFIXES = "KMGT";
  private static final double KIBI = 1024;
  private static final int KIBI_BITS = 10;
  private static final double HUNDRED = 100;
  private static final Pattern RATE = Pattern.compile("(\\d+)([KMGT]?)B/s");
  private static final Pattern TIME = Pattern.compile("(\\d+)([smhd])");

  private Quantity() {}

  /** Returns bytes with a prefix that leaves one to four digits, such as 4.0 KB. */
  static String bytes(double amount) {
    double value = amount;
    int prefix = -1;
    while (value >= KIBI && prefix < PREFIXES.length() - 1) {
      value /= KIBI;
      prefix++;
    }
    return prefix < 0
        ? "%.0f B".formatted(value)
        : String.format(Locale.ROOT, "%.1f %cB", value, PREFIXES.charAt(prefix));
  }

  static String rate(double bytesPerSecond) {
    return bytes(bytesPerSecond) + "/s";
  }

  static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.0f %%", fraction * HUNDRED);
  }

  /** Reads a rate such as 64B/s or 4KB/s, in bytes per second. */
  static final class RateConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      Matcher matcher = RATE.matcher(text);
      if (matcher.matches()) {
        int shift = KIBI_BITS * (PREFIXES.indexOf(matcher.group(2)) + 1);
        BigInteger amount =
            new BigInteger(matcher.group(1)).shiftLeft(matcher.group(2).isEmpty() ? 0 : shift);
        if (amount.bitLength() < Long.SIZE) {
          return amount.longValue();
        }
      }
      throw new TypeConversionException(
          "'%s' is not a rate; write it like 64B/s, 4KB/s or 2MB/s".formatted(text));
    }
  }

  /** Reads a time such as 30s, 5m, 2h or 1d, or one of ISO 8601. */
  static final class TimeConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      Matcher matcher = TIME.matcher(text);
      try {
        return matcher.matches()
            ? Duration.parse(
                (matcher.group(2).equals("d") ? "P%s%s" : "PT%s%s")
                    .formatted(matcher.group(1), matcher.group(2)))
            : Duration.parse(text);
      } catch (DateTimeParseException e) {
        throw new TypeConversionException(
            "'%s' is not a time; write it like 30s, 5m, 2h or 1d".formatted(text));
      }
    }
  }
}
