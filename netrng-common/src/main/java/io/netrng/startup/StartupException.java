// SPDX-License-Identifier: Apache-2.0
package io.netrng.startup;

/**
 * A fault outside the program that prevents its start. The program prints one sentence and the cure
 * instead of a stack trace. Its exit code is not 0.
 */
public final class StartupException extends RuntimeException {

  private final String cure;

  /**
   * Names the fault and its fix.
   *
   * @param problem one sentence with the value and its property or program
   * @param cure one sentence with the fix
   */
  public StartupException(String problem, String cure) {
    super(problem);
    this.cure = cure;
  }

  /** Returns the fix. */
  public String cure() {
    return cure;
  }
}
