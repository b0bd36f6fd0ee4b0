// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.discovery.Server;
import io.netrng.client.discovery.ServerAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The servers in the order of preference, each with the end of its back-off pause. Times are from
 * the clock of the stream's event loop, in nanoseconds.
 */
public final class Candidates {

  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);
  private static final int MOST_DOUBLINGS = 5;

  private final RandomGenerator random;
  private volatile List<Candidate> inOrder;

  /** Servers that attempts use, and that may become known again meanwhile. */
  private List<Candidate> removed = List.of();

  private int resets;

  /**
   * Makes candidates without a pause.
   *
   * @param servers in the order of preference
   * @param random adds jitter to the pauses
   */
  public Candidates(List<ServerAddress> servers, long nanoTime, RandomGenerator random) {
    this.random = random;
    inOrder =
        servers.stream().map(address -> new Candidate(Server.of(address, null), nanoTime)).toList();
  }

  /**
   * Replaces the servers. Those that stay keep their pauses and failures.
   *
   * @param servers in the order of preference
   * @return whether this changes the servers or their order
   */
  boolean update(List<Server> servers, long nanoTime) {
    List<Candidate> before = inOrder;
    List<Candidate> known = Stream.concat(before.stream(), removed.stream()).toList();
    inOrder =
        servers.stream()
            .map(server ->
                known.stream()
                    .filter(candidate -> candidate.server.equals(server))
                    .findFirst()
                    .orElseGet(() -> new Candidate(server, nanoTime)))
            .toList();
    removed =
        known.stream()
            .filter(candidate -> !candidate.isFree() && !inOrder.contains(candidate))
            .toList();
    return !inOrder.equals(before);
  }

  /** Returns whether no server is known. */
  boolean isEmpty() {
    return inOrder.isEmpty();
  }

  /** Returns the addresses in the order of preference. Any thread may call this method. */
  List<ServerAddress> servers() {
    return inOrder.stream().map(Candidate::server).distinct().toList();
  }

  /**
   * Selects a server that no attempt uses. Among those that are not backing off, selects the first
   * of those with the fewest failures, if possible of an origin that no attempt uses. If all are
   * backing off, selects the server whose pause ends first. Each server is therefore tried once
   * before any is tried twice. Otherwise, two dead machines at the head of the list could hide all
   * servers behind them. This happens if each takes longer to time out than the pause of the other.
   * Empty if other attempts use all servers.
   */
  public Optional<Candidate> select(long nanoTime) {
    List<Candidate> usable = usable(nanoTime);
    return leastFailed(usable.stream().filter(candidate -> !candidate.isOfUsedOrigin(candidate)))
        .or(() -> leastFailed(usable.stream()))
        .or(() ->
            inOrder.stream()
                .filter(Candidate::isFree)
                .min(Comparator.comparingLong(c -> c.nanosToWait(nanoTime))));
  }

  private List<Candidate> usable(long nanoTime) {
    return inOrder.stream()
        .filter(candidate -> candidate.isFree() && candidate.nanosToWait(nanoTime) == 0)
        .toList();
  }

  private static Optional<Candidate> leastFailed(Stream<Candidate> candidates) {
    return candidates.min(Comparator.comparingInt(candidate -> candidate.failures));
  }

  /**
   * Returns whether no other server is preferred to this one. All servers are preferred to one that
   * is no longer among them.
   */
  boolean isFirst(Candidate candidate) {
    return inOrder.isEmpty()
        || (inOrder.getFirst() == candidate && !candidate.isOfUsedOrigin(candidate));
  }

  /**
   * Finds, among the preferred servers that no attempt uses and that are not backing off, the first
   * with the fewest failures. If another attempt uses a server of the same origin, servers of
   * unused origins are preferred. Otherwise, none of a used origin is.
   */
  Optional<Candidate> findPreferredTo(Candidate candidate, long nanoTime) {
    List<Candidate> usable = usable(nanoTime);
    List<Candidate> ofUnusedOrigin =
        usable.stream().filter(preferred -> !preferred.isOfUsedOrigin(candidate)).toList();
    boolean shares = candidate.isOfUsedOrigin(candidate);
    Set<Candidate> before =
        inOrder.stream()
            .takeWhile(preferred -> preferred != candidate)
            .collect(Collectors.toUnmodifiableSet());
    return (shares ? leastFailed(ofUnusedOrigin.stream()) : Optional.<Candidate>empty())
        .or(() ->
            leastFailed((shares ? usable : ofUnusedOrigin).stream().filter(before::contains)));
  }

  /** Returns whether a server is in its back-off pause. Any thread may call this method. */
  boolean isBackingOff(ServerAddress server, long nanoTime) {
    return inOrder.stream().anyMatch(c -> c.server().equals(server) && c.nanosToWait(nanoTime) > 0);
  }

  /** Ends all pauses, including those that servers have requested. */
  void endPauses(long nanoTime) {
    resets++;
    inOrder.forEach(candidate -> candidate.endPause(nanoTime));
  }

  /** One server. */
  public final class Candidate {

    private final Server server;
    private volatile long notBefore;
    private int failures;
    private int starvedInARow;
    private int attempts;

    private Candidate(Server server, long nanoTime) {
      this.server = server;
      notBefore = nanoTime;
    }

    /** Returns the address of the server. */
    public ServerAddress server() {
      return server.address();
    }

    /** Returns the name or address that the server's certificate must be valid for. */
    String certificateName() {
      return server.certificateName();
    }

    /** An attempt uses the server until {@link #release}. */
    void use() {
      attempts++;
    }

    /** An attempt has ended. */
    void release() {
      attempts--;
    }

    private boolean isFree() {
      return attempts == 0;
    }

    /** Returns whether an attempt uses a server of the same origin, except for one server. */
    private boolean isOfUsedOrigin(Candidate except) {
      return Stream.concat(inOrder.stream(), removed.stream())
          .anyMatch(other ->
              other != except && !other.isFree() && other.server.origin().equals(server.origin()));
    }

    /** Returns how often all pauses have been ended so far. */
    int resets() {
      return resets;
    }

    /** Ends the pause. */
    void endPause(long nanoTime) {
      notBefore = nanoTime;
    }

    /** Returns the time until the server may be tried; 0 if it may be tried now. */
    public long nanosToWait(long nanoTime) {
      return Math.max(0, notBefore - nanoTime);
    }

    /**
     * Records that the server has delivered for a while. This clears earlier failures of all
     * servers, so the order of preference applies again.
     */
    public void markHealthy() {
      inOrder.forEach(candidate -> candidate.failures = 0);
      starvedInARow = 0;
    }

    /** Records that the server has admitted the client and then sent no whole sample in time. */
    void recordStarvation() {
      starvedInARow++;
    }

    /** Returns how many sessions with the server have starved in a row. */
    int starvedInARow() {
      return starvedInARow;
    }

    /**
     * Records that a connection has failed or ended. The pause before the next connection doubles
     * each time. It has jitter, so that the clients of a restarted server do not connect all at
     * once.
     *
     * @param floor the shortest pause, such as a retry-after of the server; jitter only lengthens
     *     it
     * @return the pause
     */
    public Duration recordFailure(long nanoTime, Duration floor) {
      Duration doubled = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
      long own = Math.min(doubled.toNanos(), LONGEST_PAUSE.toNanos());
      failures++;
      // Stored first, because the random numbers may be unavailable.
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
