package io.netrng.client.rngd;

/**
 * Something that went wrong with {@code rngd}.
 *
 * @param reason what kind of thing
 * @param detail the same for people
 */
public record RngdFailure(FailureReason reason, String detail) {

  private static final int SIGNALLED = 128;

  static RngdFailure ofExit(int code) {
    if (code > SIGNALLED) {
      return new RngdFailure(FailureReason.KILLED, "ended by signal " + (code - SIGNALLED));
    }
    return switch (code) {
      case 0 -> new RngdFailure(FailureReason.EXITED, "exit code 0: its source had ended");
      case 10, 64 ->
          new RngdFailure(
              FailureReason.REJECTED, "exit code " + code + ": it refuses an option or a path");
      default -> new RngdFailure(FailureReason.EXITED, "exit code " + code);
    };
  }
}
