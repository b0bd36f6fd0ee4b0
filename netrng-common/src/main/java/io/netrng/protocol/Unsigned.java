// SPDX-License-Identifier: Apache-2.0
package io.netrng.protocol;

/** The protocol's integers are unsigned. */
final class Unsigned {

  private static final long MAX_INT = 0xffff_ffffL;

  private Unsigned() {}

  static void requireInt(String name, long value) {
    if (value < 0 || value > MAX_INT) {
      throw new IllegalArgumentException(name + " " + value + " does not fit 32 bits");
    }
  }
}
