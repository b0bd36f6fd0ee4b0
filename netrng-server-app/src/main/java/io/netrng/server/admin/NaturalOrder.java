// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import java.util.Comparator;

/** The order in which people expect names: web-2 comes before web-10, and case does not matter. */
enum NaturalOrder implements Comparator<String> {
  INSTANCE;

  @Override
  public int compare(String one, String other) {
    int i = 0;
    int j = 0;
    while (i < one.length() && j < other.length()) {
      int end = endOfDigits(one, i);
      int otherEnd = endOfDigits(other, j);
      int order =
          end > i && otherEnd > j
              ? compareNumbers(one.substring(i, end), other.substring(j, otherEnd))
              : Character.compare(
                  Character.toLowerCase(one.charAt(i)), Character.toLowerCase(other.charAt(j)));
      if (order != 0) {
        return order;
      }
      boolean numbers = end > i && otherEnd > j;
      i = numbers ? end : i + 1;
      j = numbers ? otherEnd : j + 1;
    }
    int order = Integer.compare(one.length() - i, other.length() - j);
    return order == 0 ? one.compareTo(other) : order;
  }

  private static int endOfDigits(String text, int start) {
    int end = start;
    while (end < text.length() && isDigit(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Compares by value, without a limit of the length. */
  private static int compareNumbers(String one, String other) {
    String number = withoutZeros(one);
    String otherNumber = withoutZeros(other);
    int order = Integer.compare(number.length(), otherNumber.length());
    return order == 0 ? number.compareTo(otherNumber) : order;
  }

  private static String withoutZeros(String digits) {
    int start = 0;
    while (start < digits.length() - 1 && digits.charAt(start) == '0') {
      start++;
    }
    return digits.substring(start);
  }
}
