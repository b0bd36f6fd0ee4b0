package io.netrng.startup;

/** A property whose value was read and cannot be used. */
public final class InvalidPropertyException extends RuntimeException {

  /**
   * Names the property, its value and what it can be instead.
   *
   * @param property the full name, such as {@code netrng.server.port}
   * @param value the value as it was understood
   * @param cure what it can be, continuing the sentence "… is not possible: "
   */
  public InvalidPropertyException(String property, Object value, String cure) {
    super(property + " = " + value + " is not possible: " + cure);
  }
}
