// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

/** A failure that the user can understand from its one sentence; the exit code is 1. */
final class CommandFailure extends Exception {

  private static final long serialVersionUID = 1;

  CommandFailure(String message) {
    super(message);
  }

  CommandFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
