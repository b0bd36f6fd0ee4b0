package io.netrng.server.session;

import io.netrng.protocol.ClientFrame.Hello;
import io.netrng.protocol.CloseCode;
import io.netrng.protocol.ServerFrame.Close;
import io.netrng.server.source.Source.Availability;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Decides who is let in, so that the promises that were given can be kept, and tells the others why
 * not and when to come back.
 */
public final class Admission {

  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private volatile SessionProperties properties;
  private final Supplier<Availability> availability;
  private final DoubleSupplier capacity;
  private final Runnable onCapacityExceeded;
  private final RandomGenerator random;
  private final RetryAfterPolicy refusals;
  private final Holds holds;
  private final Map<String, Integer> connections = new HashMap<>();
  private int clients;
  private long promised;

  /**
   * Makes an admission that has let nobody in.
   *
   * @param capacity bytes per second that the source gives
   * @param onCapacityExceeded is told when somebody is refused for want of capacity
   * @param nanoTime a clock of nanoseconds
   * @param random jitters the times to come back; used by one thread at a time
   */
  public Admission(
      SessionProperties properties,
      Supplier<Availability> availability,
      DoubleSupplier capacity,
      Runnable onCapacityExceeded,
      LongSupplier nanoTime,
      RandomGenerator random) {
    this.properties = properties;
    this.availability = availability;
    this.capacity = capacity;
    this.onCapacityExceeded = onCapacityExceeded;
    this.random = random;
    refusals = new RetryAfterPolicy(nanoTime, random);
    holds = new Holds(nanoTime);
  }

  /** The answer to a HELLO. */
  public sealed interface Verdict {

    /** The client is refused. */
    record Refused(Close close) implements Verdict {}
  }

  /**
   * The client is admitted: its place among the clients and the connections of its identity, and
   * its guarantee, until it is released. May be used by any thread.
   */
  public final class Reservation implements Verdict {

    private final String identity;
    private volatile long guarantee;
    private volatile long ceiling;
    private boolean released;

    private Reservation(String identity, long guarantee, long ceiling) {
      this.identity = identity;
      this.guarantee = guarantee;
      this.ceiling = ceiling;
      clients++;
      promised += guarantee;
      connections.merge(identity, 1, Integer::sum);
    }

    /** The rate that is reserved, in bytes per second; 0 is best effort. */
    public long guarantee() {
      return guarantee;
    }

    /** The most that the client is given, in bytes per second. */
    public long ceiling() {
      return ceiling;
    }

    /**
     * Reserves another rate, if it can be kept.
     *
     * @param newGuarantee in bytes per second; 0 is best effort
     * @param newCeiling in bytes per second, more than 0
     * @return why that is impossible; empty if it is done
     */
    Optional<String> change(long newGuarantee, long newCeiling) {
      synchronized (Admission.this) {
        if (released) {
          return Optional.of("the client has disconnected");
        }
        Optional<String> excess = excess(newGuarantee - guarantee);
        if (excess.isEmpty()) {
          promised += newGuarantee - guarantee;
          guarantee = newGuarantee;
          ceiling = newCeiling;
        }
        return excess;
      }
    }

    /** Frees what is reserved. Further calls have no effect. */
    void release() {
      synchronized (Admission.this) {
        if (!released) {
          released = true;
          clients--;
          promised -= guarantee;
          connections.computeIfPresent(identity, (_, count) -> count == 1 ? null : count - 1);
        }
      }
    }
  }

  /** Lets a client in, or not, whose label stands in for its identity. */
  public Verdict admit(Hello hello) {
    return admit(hello.label(), hello);
  }

  /**
   * Lets the client in, or not.
   *
   * @param identity the name that its policy and its limits hang on
   */
  synchronized Verdict admit(String identity, Hello hello) {
    Optional<Duration> held = holds.left(identity, hello.label());
    if (held.isPresent()) {
      return new Verdict.Refused(kicked(held.get()));
    }
    Policy policy = Policy.of(identity, properties);
    if (hello.guarantee() > policy.guarantee()) {
      return new Verdict.Refused(
          new Close(
              CloseCode.NOT_AUTHORISED,
              Close.NEVER,
              ("a guarantee of %dB/s was asked for and %dB/s is allowed:"
                      + " netrng.server.clients[].guarantee, netrng.server.default-guarantee")
                  .formatted(hello.guarantee(), policy.guarantee())));
    }
    switch (availability.get()) {
      case Availability.Available() -> {}
      case Availability.Expected(Duration in) -> {
        return new Verdict.Refused(noEntropy(in));
      }
      case Availability.Exhausted() -> {
        return new Verdict.Refused(exhausted());
      }
    }
    if (clients >= properties.maxClients()) {
      return refused(
          CloseCode.MAX_CLIENTS,
          "%d of %d clients are connected: netrng.server.max-clients"
              .formatted(clients, properties.maxClients()));
    }
    int ofIdentity = connections.getOrDefault(identity, 0);
    if (ofIdentity >= policy.maxConnections()) {
      return refused(
          CloseCode.TOO_MANY_CONNECTIONS,
          "%d of %d connections are taken: netrng.server.clients[].max-connections"
              .formatted(ofIdentity, policy.maxConnections()));
    }
    long guarantee = hello.guarantee() == 0 ? policy.guarantee() : hello.guarantee();
    Optional<String> excess = excess(guarantee);
    if (excess.isPresent()) {
      onCapacityExceeded.run();
      return refused(CloseCode.CAPACITY, excess.get());
    }
    return new Reservation(identity, guarantee, policy.ceiling());
  }

  /** Why so much more cannot be promised; empty if it can. */
  private Optional<String> excess(long more) {
    double promisable = promisable();
    // A promise of nothing takes nothing from those that were given.
    return more > 0 && promised + more > promisable
        ? Optional.of(
            ("%dB/s more than the %dB/s that are promised would exceed the %.0fB/s that can be:"
                    + " netrng.server.capacity, netrng.server.headroom")
                .formatted(more, promised, promisable))
        : Optional.empty();
  }

  /** Who is kept out for a while. */
  Holds holds() {
    return holds;
  }

  /** Replaces the policies for clients that connect from now on. */
  synchronized void updatePolicies(SessionProperties next) {
    properties = next;
  }

  /** The sum of the guarantees that are given, in bytes per second. */
  public synchronized long promised() {
    return promised;
  }

  /** The most that may be promised, in bytes per second. */
  public double promisable() {
    return capacity.getAsDouble() * (1 - properties.headroom().fraction());
  }

  /** What the devices give, in bytes per second; 0 while that is not known. */
  double capacity() {
    return capacity.getAsDouble();
  }

  /** The part of the capacity that is not guaranteed to anybody, from 0 to 1. */
  double headroom() {
    return properties.headroom().fraction();
  }

  /** Whether the devices give less than is promised. */
  boolean isDegraded() {
    return promised() > capacity.getAsDouble();
  }

  /** What a client is told that was kicked. */
  static Close kicked(Duration holdOff) {
    return new Close(
        CloseCode.KICKED,
        Math.min(holdOff.toMillis(), Close.NEVER - 1),
        "kicked by an administrator");
  }

  /** What everybody is told when no device has given anything for a while. */
  synchronized Close noEntropy(Duration in) {
    Duration floor = in.compareTo(SHORTEST) < 0 ? SHORTEST : in;
    Duration retryAfter = floor.compareTo(LONGEST) < 0 ? floor : LONGEST;
    return new Close(
        CloseCode.NO_ENTROPY,
        RetryAfterPolicy.jittered(retryAfter, random),
        "no device gives tested entropy at present, or it is not known yet how much");
  }

  /** What everybody is told when files were given as devices and are used up. */
  static Close exhausted() {
    return new Close(
        CloseCode.NO_ENTROPY, Close.NEVER, "the files that were given as devices are used up");
  }

  /** How many clients may be connected at a time. */
  int maxClients() {
    return properties.maxClients();
  }

  /**
   * The CLOSE for a connection from an address that has as many as it may.
   *
   * @param limit how many that is
   */
  synchronized Close tooManyFromAddress(int limit) {
    return new Close(
        CloseCode.TOO_MANY_CONNECTIONS,
        refusals.retryAfterMillis(),
        "%d of %d connections from this address are taken: netrng.server.limits.connections-per-address"
            .formatted(limit, limit));
  }

  private Verdict refused(CloseCode code, String reason) {
    return new Verdict.Refused(new Close(code, refusals.retryAfterMillis(), reason));
  }
}
