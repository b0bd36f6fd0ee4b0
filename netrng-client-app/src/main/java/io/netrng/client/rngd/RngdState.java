package io.netrng.client.rngd;

import java.time.Instant;
import java.util.Optional;

/** What the supervisor of {@code rngd} is at; its diagram is at {@link RngdSupervisor}. */
public sealed interface RngdState {

  /** Not started yet, or stopped in order. */
  record Stopped() implements RngdState {}

  /**
   * The process is there.
   *
   * @param program what was started
   * @param pid its process id
   * @param since when it was started
   * @param unresolved the failure before it, until it has proved to be over: by entropy taken, or
   *     at once if the process had only been killed
   */
  record Running(RngdProgram program, long pid, Instant since, Optional<RngdFailure> unresolved)
      implements RngdState {}

  /**
   * There is no process, and one will be started.
   *
   * @param failure why
   * @param retryAt when
   */
  record Failed(RngdFailure failure, Instant retryAt) implements RngdState {}
}
