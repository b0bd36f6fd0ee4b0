package io.netrng.client.rngd;

import io.netrng.naming.ExternalName;

/**
 * Why {@code rngd} does not do its work. The constants in lower case are the words of log lines and
 * metric tags.
 */
public enum FailureReason implements ExternalName {
  /** It is missing, not executable, of no known family, or could not be started. */
  UNUSABLE,
  /** Someone ended it by a signal. */
  KILLED,
  /** It ended by itself; status 0 means that its source had ended. */
  EXITED,
  /** It ended at once because of an option or a path that it does not take. */
  REJECTED,
  /** It said that it cannot do its work, and might carry on regardless. */
  REPORTED,
  /** It no longer takes what it is fed. */
  STALLED;
}
