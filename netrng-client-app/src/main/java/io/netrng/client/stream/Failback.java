package io.netrng.client.stream;

import io.netrng.client.stream.Candidates.Candidate;
import io.netrng.protocol.ServerFrame;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Returns a stream to a preferred server. A second session is opened beside the stream, stands for
 * a while without demand and then asks for one sample. With that sample it takes the stream over,
 * so feeding has no gap. If it ends earlier, the stream stays where it is.
 *
 * <pre>
 *   idle --timer--&gt; trial: connecting --WELCOME--&gt; standing --a while--&gt; one sample --&gt; returned
 *     ^                      |                        |                      |
 *     +---- ends, timer grows ----------------------------------------------+
 * </pre>
 */
final class Failback implements Attempt.Listener {

  private static final Logger log = LoggerFactory.getLogger(Failback.class);

  private static final int TRIALS_BEFORE_DOUBLING = 3;
  private static final int MOST_DOUBLINGS = 3;

  private final Candidates candidates;
  private final Attempt.Parts parts;
  private final RandomGenerator random;
  private final Listener listener;

  private @Nullable Candidate present;
  private volatile @Nullable Attempt trial;

  /** Begins the next trial, or ends the time for which the trial in progress stands. */
  private @Nullable Future<?> timer;

  private int failedInARow;

  /** Learns what becomes of the trials, on the event loop. */
  interface Listener {

    /** The trial has sent its first sample, which is zeroed after the call. */
    void returned(Attempt attempt, ServerFrame.Sample sample);

    /** A trial, or one of its addresses, has failed. */
    void failed(Ending ending);
  }

  Failback(Candidates candidates, Attempt.Parts parts, RandomGenerator random, Listener listener) {
    this.candidates = candidates;
    this.parts = parts;
    this.random = random;
    this.listener = listener;
  }

  /** Whether the server is tried beside the stream. May be asked by any thread. */
  boolean isTrying(ServerAddress server) {
    Attempt tried = trial;
    return tried != null && tried.candidate().server().equals(server);
  }

  /** The stream is now at this server. */
  void streamingAt(Candidate candidate) {
    present = candidate;
    if (trial == null) {
      schedule();
    }
  }

  /** The stream has ended; one that has not delivered for a while counts as a failed trial. */
  void streamEnded(boolean proved) {
    failedInARow = proved ? 0 : failedInARow + 1;
  }

  private void schedule() {
    cancelTimer();
    if (present != null && !candidates.isFirst(present)) {
      int doublings = Math.clamp(failedInARow - TRIALS_BEFORE_DOUBLING + 1L, 0, MOST_DOUBLINGS);
      long least = parts.timings().failback().toNanos() << doublings;
      timer =
          parts.loop().schedule(this::begin, least + random.nextLong(least), TimeUnit.NANOSECONDS);
    }
  }

  private void begin() {
    if (present == null || trial != null) {
      return;
    }
    Optional<Candidate> preferred =
        candidates.preferredTo(present, parts.loop().ticker().nanoTime());
    if (preferred.isEmpty()) {
      schedule();
      return;
    }
    Attempt attempt = new Attempt(preferred.get(), parts, this);
    trial = attempt;
    attempt.allow(0);
    attempt.start();
  }

  @Override
  public void welcomed(Attempt attempt, ServerFrame.Welcome welcome) {
    if (attempt == trial) {
      cancelTimer();
      timer =
          parts
              .loop()
              .schedule(
                  () -> attempt.allow(1), parts.timings().proof().toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void received(Attempt attempt, ServerFrame.Sample sample) {
    if (attempt == trial) {
      cancelTimer();
      trial = null;
      listener.returned(attempt, sample);
    }
  }

  @Override
  public void addressFailed(Attempt attempt, Ending ending) {
    if (attempt == trial) {
      cancelTimer();
      // The next address must stand for its own time.
      attempt.allow(0);
    }
    listener.failed(ending);
  }

  @Override
  public void ended(Attempt attempt, Ending ending) {
    if (attempt != trial) {
      return;
    }
    trial = null;
    failedInARow++;
    Duration pause = attempt.recordEnd(ending);
    listener.failed(ending);
    log.atDebug()
        .addKeyValue("server", attempt.candidate().server())
        .addKeyValue("address", attempt.address())
        .addKeyValue("reason", ending.reason())
        .addKeyValue("detail", ending.detail())
        .addKeyValue("retry-after-ms", pause.toMillis())
        .log("return to server failed");
    schedule();
  }

  /** Requests the trial's sample if it fits now. */
  void request() {
    Attempt tried = trial;
    if (tried != null) {
      tried.request();
    }
  }

  /** The stream has ended: a trial in progress, if any, continues as the caller's own attempt. */
  Optional<Attempt> takeTrial() {
    cancelTimer();
    present = null;
    Optional<Attempt> taken = Optional.ofNullable(trial);
    trial = null;
    return taken;
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }
}
