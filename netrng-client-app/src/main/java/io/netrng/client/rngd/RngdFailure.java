// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

/**
 * A failure of {@code rngd}.
 *
 * @param reason the kind of failure
 * @param detail a description for people
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
