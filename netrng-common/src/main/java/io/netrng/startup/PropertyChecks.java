package io.netrng.startup;

import org.jspecify.annotations.Nullable;

/**
 * Checks the values of properties whose names begin alike. A value that is null is unset and
 * passes. A value that does not pass throws an {@link InvalidPropertyException}.
 *
 * @param prefix the beginning of their names, with its last dot, such as {@code netrng.server.}
 */
public record PropertyChecks(String prefix) {

  /** Requires 1 or more. The name is what follows the prefix. */
  public void positive(String name, @Nullable Integer value) {
    range(name, value, 1, Integer.MAX_VALUE, "set it to 1 or more");
  }

  /** Requires a value from the least to the most. The fix says what it can be instead. */
  public <T extends Comparable<? super T>> void range(
      String name, @Nullable T value, T least, T most, String fix) {
    if (value != null) {
      require(value.compareTo(least) >= 0 && value.compareTo(most) <= 0, name, value, fix);
    }
  }

  /** Requires a condition. */
  public void require(boolean valid, String name, Object value, String fix) {
    if (!valid) {
      throw new InvalidPropertyException(prefix + name, value, fix);
    }
  }
}
