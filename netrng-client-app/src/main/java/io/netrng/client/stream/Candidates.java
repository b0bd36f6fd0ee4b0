package io.netrng.client.stream;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The servers in the order of preference, each with the time before which it is left in peace. The
 * times are those of the stream's event loop, in nanoseconds.
 */
public final class Candidates {

  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);
  private static final int MOST_DOUBLINGS = 5;

  private final RandomGenerator random;
  private final List<Candidate> inOrder;
  private int pausesEnded;

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
   * Of those that may be tried now the first of those that have failed least, else the one that may
   * be tried first. So each is tried once before any is tried twice: with two dead machines at the
   * head of the list, each of which takes longer to time out than the other's pause, none behind
   * them would be.
   */
  public Candidate next(long nanoTime) {
    return inOrder.stream()
        .filter(candidate -> candidate.nanosToWait(nanoTime) == 0)
        .min(Comparator.comparingInt(candidate -> candidate.failures))
        .orElseGet(() ->
            inOrder.stream()
                .min(Comparator.comparingLong(c -> c.nanosToWait(nanoTime)))
                .orElseThrow());
  }

  /** Whether no other is preferred to it. */
  public boolean isFirst(Candidate candidate) {
    return inOrder.getFirst() == candidate;
  }

  /**
   * Of those that are preferred to a candidate and may be tried now, the first of those that have
   * failed least.
   */
  public Optional<Candidate> preferredTo(Candidate candidate, long nanoTime) {
    return inOrder.stream()
        .takeWhile(preferred -> preferred != candidate)
        .filter(preferred -> preferred.nanosToWait(nanoTime) == 0)
        .min(Comparator.comparingInt(preferred -> preferred.failures));
  }

  /** Whether a server is left in peace. May be asked by any thread. */
  public boolean rests(ServerAddress server, long nanoTime) {
    return inOrder.stream().anyMatch(c -> c.server.equals(server) && c.nanosToWait(nanoTime) > 0);
  }

  /** Ends all pauses, those that servers have asked for included. */
  public void endPauses(long nanoTime) {
    pausesEnded++;
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
    int pausesEnded() {
      return pausesEnded;
    }

    /** How long until it may be tried; 0 if it may be now. */
    public long nanosToWait(long nanoTime) {
      return Math.max(0, notBefore - nanoTime);
    }

    /**
     * It has delivered for a while: what went wrong before, at whichever server, does not count any
     * more, and the order of preference holds again.
     */
    public void proved() {
      inOrder.forEach(candidate -> candidate.failures = 0);
      starvedInARow = 0;
    }

    /** It has admitted the client and then sent no whole sample in time. */
    public void starved() {
      starvedInARow++;
    }

    /** How many sessions in a row it has let starve. */
    public int starvedInARow() {
      return starvedInARow;
    }

    /**
     * It has ended or refused a connection. The pause before the next doubles each time and is
     * jittered, so that the clients of a server that comes back do not come all at once.
     *
     * @param floor the least, which the server may have asked for; jittered upwards
     * @return the pause
     */
    public Duration failed(long nanoTime, Duration floor) {
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
