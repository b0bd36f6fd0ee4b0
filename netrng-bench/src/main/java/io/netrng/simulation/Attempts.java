package io.netrng.simulation;

/** Counts the connections that one server is asked for in the present second. */
final class Attempts {

  private long second;
  private int count;

  /**
   * Counts one more.
   *
   * @return how many there have been in this second
   */
  int add(long inSecond) {
    if (inSecond != second) {
      second = inSecond;
      count = 0;
    }
    return ++count;
  }
}
