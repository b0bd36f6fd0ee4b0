// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import io.netrng.naming.ExternalName;

/**
 * Why {@code rngd} failed. The constants in lower case are the values in log lines and metric tags.
 */
public enum FailureReason implements ExternalName {
  /** The program is missing, not executable, of an unknown family, or could not be started. */
  UNUSABLE,
  /** A signal ended the process. */
  KILLED,
  /** The process exited by itself; status 0 means that its source had ended. */
  EXITED,
  /** The process exited at once because it rejected an option or a path. */
  REJECTED,
  /** The process reported in its output that it cannot feed the kernel; it may still run. */
  REPORTED,
  /** The process no longer reads from the pipe. */
  STALLED;
}
