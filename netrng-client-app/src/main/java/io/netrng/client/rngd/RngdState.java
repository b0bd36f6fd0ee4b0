// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import java.time.Instant;
import java.util.Optional;

/** The state of the supervisor of {@code rngd}; its diagram is at {@link RngdSupervisor}. */
public sealed interface RngdState {

  /** Not started, or stopped in order. */
  record Stopped() implements RngdState {}

  /**
   * The process runs.
   *
   * @param program the started program
   * @param pid its process id
   * @param since the time of the start
   * @param unresolved the failure before it; entropy that is read resolves the failure, and a
   *     process that was only killed leaves none
   */
  record Running(RngdProgram program, long pid, Instant since, Optional<RngdFailure> unresolved)
      implements RngdState {}

  /**
   * No process runs, and the supervisor will start one.
   *
   * @param failure the reason
   * @param retryAt the time of the next start
   */
  record Failed(RngdFailure failure, Instant retryAt) implements RngdState {}
}
