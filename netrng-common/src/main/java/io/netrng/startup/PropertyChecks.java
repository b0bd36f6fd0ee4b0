// SPDX-License-Identifier: Apache-2.0
package io.netrng.startup;

import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * Checks the values of properties with a common prefix. A null value is unset and valid. An invalid
 * value throws an {@link InvalidPropertyException}.
 *
 * @param prefix the prefix of their names, with its last dot, such as {@code netrng.server.}
 */
public record PropertyChecks(String prefix) {

  /** Requires 1 or more. The name follows the prefix. */
  public void positive(String name, @Nullable Integer value) {
    range(name, value, 1, Integer.MAX_VALUE, "set it to 1 or more");
  }

  /** Requires a value from the minimum to the maximum. The fix describes the valid values. */
  public <T extends Comparable<? super T>> void range(
      String name, @Nullable T value, T least, T most, String fix) {
    if (value != null) {
      require(value.compareTo(least) >= 0 && value.compareTo(most) <= 0, name, value, fix);
    }
  }

  /** Requires an IP address of this machine, of which only the notation is checked. */
  public void ownAddress(String name, @Nullable String value) {
    if (value != null) {
      require(
          NetUtil.isValidIpV4Address(value) || NetUtil.isValidIpV6Address(value),
          name,
          value,
          "give an IP address of this machine.");
    }
  }

  /** Requires a condition. */
  public void require(boolean valid, String name, Object value, String fix) {
    if (!valid) {
      throw new InvalidPropertyException(prefix + name, value, fix);
    }
  }
}
