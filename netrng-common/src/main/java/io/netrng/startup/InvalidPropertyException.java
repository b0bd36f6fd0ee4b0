// SPDX-License-Identifier: Apache-2.0
package io.netrng.startup;

/** A property with an invalid value. */
public final class InvalidPropertyException extends RuntimeException {

  /**
   * Names the property, its value and the valid values.
   *
   * @param property the full name, such as {@code netrng.server.port}
   * @param value the parsed value
   * @param cure the valid values, continuing the sentence "… is not possible: "
   */
  public InvalidPropertyException(String property, Object value, String cure) {
    super(property + " = " + value + " is not possible: " + cure);
  }
}
