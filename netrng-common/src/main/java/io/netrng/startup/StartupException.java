package io.netrng.startup;

/**
 * Something outside the program keeps it from starting. It ends the start with one sentence and its
 * cure instead of a stack trace, and with an exit code that is not 0.
 */
public final class StartupException extends RuntimeException {

  private final String cure;

  /**
   * Names the fault and its fix.
   *
   * @param problem one sentence with the value and the property or program it is about
   * @param cure one sentence that says what to do
   */
  public StartupException(String problem, String cure) {
    super(problem);
    this.cure = cure;
  }

  /** What to do about it. */
  public String cure() {
    return cure;
  }
}
