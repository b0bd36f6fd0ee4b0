package io.netrng.client.stream;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The servers in the order of preference, each with the end of its back-off pause. Times are those
 * of the stream's event loop, in nanoseconds.
 */
public final class Candidates {

  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);
  private static final int MOST_DOUBLINGS = 5;

  private final RandomGenerator random;
  private final List<Candidate> inOrder;
  private int resets;

  /**
   * Makes candidates that may all be tried at once.
   *
   * @param servers in the order of preference, at least one
   * @param random jitters the pauses
   */
  public Candidates(List<ServerAddress> servers, long nanoTime, RandomGenerator random) {
    this.random = random;
    inOrder = servers.stream().map(server -> new Candidate(server, nanoTime)).toList();
  }

  /**
   * Selects the first of those that have failed least among the servers that may be tried now, else
   * the server whose pause ends first. So each server is tried once before any is tried twice.
   * Otherwise two dead machines at the head of the list, each of which takes longer to time out
   * than the other's pause, would hide all servers behind them.
   */
  public Candidate select(long nanoTime) {
    return inOrder.stream()
        .filter(candidate -> candidate.nanosToWait(nanoTime) == 0)
        .min(Comparator.comparingInt(candidate -> candidate.failures))
        .orElseGet(() ->
            inOrder.stream()
                .min(Comparator.comparingLong(c -> c.nanosToWait(nanoTime)))
                .orElseThrow());
  }

  /** Whether no other is preferred to it. */
  boolean isFirst(Candidate candidate) {
    return inOrder.getFirst() == candidate;
  }

  /**
   * Finds the first of those that have failed least among the servers that are preferred to a
   * candidate and may be tried now.
   */
  Optional<Candidate> findPreferredTo(Candidate candidate, long nanoTime) {
    return inOrder.stream()
        .takeWhile(preferred -> preferred != candidate)
        .filter(preferred -> preferred.nanosToWait(nanoTime) == 0)
        .min(Comparator.comparingInt(preferred -> preferred.failures));
  }

  /** Whether a server is in its back-off pause. May be called from any thread. */
  boolean isBackingOff(ServerAddress server, long nanoTime) {
    return inOrder.stream().anyMatch(c -> c.server.equals(server) && c.nanosToWait(nanoTime) > 0);
  }

  /** Ends all pauses, including those that servers have asked for. */
  void endPauses(long nanoTime) {
    resets++;
    inOrder.forEach(candidate -> candidate.notBefore = nanoTime);
  }

  /** One server. */
  public final class Candidate {

    private final ServerAddress server;
    private volatile long notBefore;
    private int failures;
    private int starvedInARow;

    private Candidate(ServerAddress server, long nanoTime) {
      this.server = server;
      notBefore = nanoTime;
    }

    /** Where it listens. */
    public ServerAddress server() {
      return server;
    }

    /** How often all pauses were ended so far. */
    int resets() {
      return resets;
    }

    /** How long until it may be tried; 0 if it may be tried now. */
    public long nanosToWait(long nanoTime) {
      return Math.max(0, notBefore - nanoTime);
    }

    /**
     * Records that the server has delivered for a while: earlier failures of all servers do not
     * count any more, and the order of preference holds again.
     */
    public void markHealthy() {
      inOrder.forEach(candidate -> candidate.failures = 0);
      starvedInARow = 0;
    }

    /** Records that the server has admitted the client and then sent no whole sample in time. */
    void recordStarvation() {
      starvedInARow++;
    }

    /** How many sessions with the server have starved, one after another. */
    int starvedInARow() {
      return starvedInARow;
    }

    /**
     * Records that a connection has failed or ended. The pause before the next doubles each time
     * and is jittered, so that the clients of a server that restarts do not connect all at once.
     *
     * @param floor the shortest pause, which the server may have asked for; jittered upwards
     * @return the pause
     */
    public Duration recordFailure(long nanoTime, Duration floor) {
      Duration doubled = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
      long own = Math.min(doubled.toNanos(), LONGEST_PAUSE.toNanos());
      failures++;
      // In case that there are no random numbers.
      notBefore = nanoTime + Math.max(own, floor.toNanos());
      long pause =
          Math.max(
              own / 2 + random.nextLong(own / 2),
              floor.toNanos() + random.nextLong(floor.toNanos() / 10 + 1));
      notBefore = nanoTime + pause;
      return Duration.ofNanos(pause);
    }
  }
}
