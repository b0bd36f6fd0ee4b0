// SPDX-License-Identifier: Apache-2.0
package io.netrng.simulation;

/** Counts the connection attempts at one server in the current second. */
final class Attempts {

  private long second;
  private int count;

  /**
   * Counts one attempt.
   *
   * @return the number of attempts in this second
   */
  int add(long inSecond) {
    if (inSecond != second) {
      second = inSecond;
      count = 0;
    }
    return ++count;
  }
}
