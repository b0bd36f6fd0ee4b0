// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.stream.Candidates.Candidate;
import io.netrng.protocol.ServerFrame;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Returns a stream to a preferred server. The client opens a second session beside the stream. The
 * session stays for a while without demand and then requests one sample. With that sample it
 * replaces the stream, so the feed has no gap. If the session ends earlier, the stream does not
 * change. All methods run on the event loop.
 *
 * <pre>
 *   Idle --timer--> Trial: connecting --WELCOME--> admitted --timer--> requests one sample
 *    ^                         |                      |                          |
 *    |                         +----------------------+--------------------------+
 *    +--- ends, and the timer grows; or sends the sample, and the stream has returned
 * </pre>
 */
final class Failback implements Attempt.Listener {

  private static final Logger log = LoggerFactory.getLogger(Failback.class);

  private static final int TRIALS_BEFORE_DOUBLING = 3;
  private static final int MOST_DOUBLINGS = 3;

  private final Candidates candidates;
  private final Attempt.Parts parts;
  private final RandomGenerator random;
  private final BiConsumer<Attempt, ServerFrame.Sample> onReturn;

  private State state = new State.Idle();
  private Future<?> timer;
  private int failedInARow;

  private sealed interface State {
    /** The timer starts a trial if the stream is at a less preferred server. */
    record Idle() implements State {}

    /** The timer ends the time without demand if the preferred server has admitted the client. */
    record Trial(Candidate present, Attempt attempt) implements State {}
  }

  /**
   * Makes an idle instance.
   *
   * @param onReturn takes over the trial with its first sample, which is zeroed after the call
   */
  Failback(
      Candidates candidates,
      Attempt.Parts parts,
      RandomGenerator random,
      BiConsumer<Attempt, ServerFrame.Sample> onReturn) {
    this.candidates = candidates;
    this.parts = parts;
    this.random = random;
    this.onReturn = onReturn;
    timer = parts.loop().newSucceededFuture(null);
  }

  /** The stream is now at this server. */
  void onStream(Candidate candidate) {
    if (!(state instanceof State.Trial)) {
      schedule(candidate);
    }
  }

  /**
   * Records the end of the stream. A stream that has not delivered for a while counts as a failed
   * trial.
   */
  void onStreamEnd(boolean healthy) {
    failedInARow = healthy ? 0 : failedInARow + 1;
  }

  private void schedule(Candidate present) {
    change(new State.Idle());
    if (!candidates.isFirst(present)) {
      int doublings = Math.clamp(failedInARow - TRIALS_BEFORE_DOUBLING + 1L, 0, MOST_DOUBLINGS);
      long least = parts.timings().failback().toNanos() << doublings;
      startTimer(least + random.nextLong(least), () -> startTrial(present));
    }
  }

  private void startTrial(Candidate present) {
    candidates
        .findPreferredTo(present, parts.nanoTime())
        .ifPresentOrElse(
            preferred -> {
              Attempt attempt = new Attempt(preferred, parts, this);
              change(new State.Trial(present, attempt));
              attempt.allow(0);
              attempt.start();
            },
            () -> schedule(present));
  }

  @Override
  public void onWelcome(Attempt attempt, ServerFrame.Welcome welcome) {
    startTimer(parts.timings().proof().toNanos(), () -> attempt.allow(1));
  }

  @Override
  public void onSample(Attempt attempt, ServerFrame.Sample sample) {
    change(new State.Idle());
    onReturn.accept(attempt, sample);
  }

  /** What the client holds is of the present server. */
  @Override
  public void onSilence() {}

  /** Nothing waits for the sample of a trial. */
  @Override
  public void onOverdue(Attempt attempt) {}

  @Override
  public void onAddressFailure(Attempt attempt, DisconnectReason reason) {
    timer.cancel(false);
    // The next address must stay for the full time.
    attempt.allow(0);
  }

  @Override
  public void onEnd(Attempt attempt, DisconnectReason reason) {
    if (state instanceof State.Trial(Candidate present, _)) {
      change(new State.Idle());
      failedInARow++;
      Duration pause = attempt.recordEnd(reason);
      log.atDebug()
          .addKeyValue("server", attempt.candidate().server())
          .addKeyValue("address", attempt.address())
          .addKeyValue("reason", reason.tag())
          .addKeyValue("detail", reason.detail())
          .addKeyValue("retry-after-ms", pause.toMillis())
          .log("return to server failed");
      schedule(present);
    }
  }

  /** Requests the trial's sample if the buffer has space for it now. */
  void request() {
    if (state instanceof State.Trial(_, Attempt attempt)) {
      attempt.request();
    }
  }

  /** Hands the trial in progress, if any, to the caller, because the stream has ended. */
  Optional<Attempt> takeTrial() {
    Optional<Attempt> trial =
        state instanceof State.Trial(_, Attempt attempt) ? Optional.of(attempt) : Optional.empty();
    change(new State.Idle());
    return trial;
  }

  private void change(State next) {
    timer.cancel(false);
    state = next;
    parts
        .status()
        .setTrial(
            next instanceof State.Trial(_, Attempt attempt)
                ? Optional.of(attempt.candidate().server())
                : Optional.empty());
  }

  private void startTimer(long nanos, Runnable task) {
    timer = parts.loop().schedule(task, nanos, TimeUnit.NANOSECONDS);
  }
}
