// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.protocol.ClientFrame.Hello;
import io.netrng.protocol.CloseCode;
import io.netrng.protocol.ServerFrame.Close;
import io.netrng.server.distribution.Distributor;
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
 * Decides which clients are admitted, so that the server can keep all its guarantees. A refusal
 * names the reason and the time to reconnect.
 */
public final class Admission {

  /** The requested guarantee of a client that gets none, whatever its policy. */
  static final long BEST_EFFORT = -1;

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
   * Creates an admission without clients.
   *
   * @param capacity bytes per second that the source provides
   * @param onCapacityExceeded runs when a client is refused because capacity is missing
   * @param nanoTime a clock, in nanoseconds
   * @param random jitters the retry times; used by one thread at a time
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
   * The rates of a client.
   *
   * @param guarantee bytes per second; 0 is best effort
   * @param ceiling bytes per second, or {@link Distributor#NO_CEILING}
   */
  record Rates(long guarantee, long ceiling) {}

  /**
   * The client is admitted. Holds its place among the clients and among its identity's connections,
   * and its guarantee, until it is released. May be used by any thread.
   */
  public final class Reservation implements Verdict {

    private final String identity;
    private final long requested;
    private volatile long guarantee;
    private volatile long ceiling;

    /** The policy that was last applied. */
    private Policy policy;

    private boolean released;

    private Reservation(String identity, long requested, Policy policy) {
      this.identity = identity;
      this.requested = requested;
      this.policy = policy;
      guarantee = policy.grant(requested);
      ceiling = policy.ceiling();
      clients++;
      promised += guarantee;
      connections.merge(identity, 1, Integer::sum);
    }

    /** The reserved rate, in bytes per second; 0 is best effort. */
    public long guarantee() {
      return guarantee;
    }

    /** The maximum rate of the client, in bytes per second. */
    public long ceiling() {
      return ceiling;
    }

    /**
     * Reserves another rate if the capacity suffices.
     *
     * @param newGuarantee in bytes per second; 0 is best effort
     * @param newCeiling in bytes per second, more than 0
     * @return the reason for a refusal; empty if the rate is reserved
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

    /**
     * Returns the rates under the present policy. Each change of a policy is returned once, so that
     * rates that an administrator set by hand stay until the policy of the client changes.
     *
     * @return empty if the client's policy is the one that was last applied
     */
    Optional<Rates> revise() {
      synchronized (Admission.this) {
        Policy present = Policy.of(identity, properties);
        if (present.hasRatesOf(policy)) {
          return Optional.empty();
        }
        policy = present;
        return Optional.of(new Rates(present.grant(requested), present.ceiling()));
      }
    }

    /** Frees the reservation. Further calls have no effect. */
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

  /** Admits or refuses a client whose label serves as its identity. */
  public Verdict admit(Hello hello) {
    return admit(hello.label(), hello);
  }

  /**
   * Admits or refuses a client.
   *
   * @param identity the name that selects its policy and its limits
   */
  Verdict admit(String identity, Hello hello) {
    return admit(identity, hello.label(), hello.guarantee());
  }

  /**
   * Admits or refuses a client.
   *
   * @param requested bytes per second; 0 requests what the policy gives
   */
  synchronized Verdict admit(String identity, String label, long requested) {
    Optional<Duration> held = holds.left(identity, label);
    if (held.isPresent()) {
      return new Verdict.Refused(kicked(held.get()));
    }
    Policy policy = Policy.of(identity, properties);
    if (requested > policy.guarantee()) {
      return new Verdict.Refused(
          new Close(
              CloseCode.NOT_AUTHORISED,
              Close.NEVER,
              ("a guarantee of %dB/s was asked for and %dB/s is allowed:"
                      + " netrng.server.clients[].guarantee, netrng.server.default-guarantee")
                  .formatted(requested, policy.guarantee())));
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
    Optional<String> excess = excess(policy.grant(requested));
    if (excess.isPresent()) {
      onCapacityExceeded.run();
      return refused(CloseCode.CAPACITY, excess.get());
    }
    return new Reservation(identity, requested, policy);
  }

  /** Returns why this additional guarantee is impossible; empty if it is possible. */
  private Optional<String> excess(long more) {
    double promisable = promisable();
    // A guarantee of 0 reduces no other guarantee.
    return more > 0 && promised + more > promisable
        ? Optional.of(
            ("%dB/s more than the %dB/s that are promised would exceed the %.0fB/s that can be:"
                    + " netrng.server.capacity, netrng.server.headroom")
                .formatted(more, promised, promisable))
        : Optional.empty();
  }

  /** The clients that are refused for a time. */
  Holds holds() {
    return holds;
  }

  /** Replaces the policies; reservations are revised by {@link Reservation#revise()}. */
  synchronized void updatePolicies(SessionProperties next) {
    properties = next;
  }

  /** The sum of the guarantees, in bytes per second. */
  public synchronized long promised() {
    return promised;
  }

  /** The maximum sum of guarantees, in bytes per second. */
  public double promisable() {
    return capacity.getAsDouble() * (1 - properties.headroom().fraction());
  }

  /** The rate that the devices provide, in bytes per second; 0 while it is unknown. */
  double capacity() {
    return capacity.getAsDouble();
  }

  /** The part of the capacity that is never guaranteed, from 0 to 1. */
  double headroom() {
    return properties.headroom().fraction();
  }

  /** Whether the devices provide less than the sum of the guarantees. */
  boolean isDegraded() {
    return promised() > capacity.getAsDouble();
  }

  /** The CLOSE for a kicked client. */
  static Close kicked(Duration holdOff) {
    return new Close(
        CloseCode.KICKED,
        Math.min(holdOff.toMillis(), Close.NEVER - 1),
        "kicked by an administrator");
  }

  /** The CLOSE for all clients after a time without entropy from any device. */
  synchronized Close noEntropy(Duration in) {
    Duration floor = in.compareTo(SHORTEST) < 0 ? SHORTEST : in;
    Duration retryAfter = floor.compareTo(LONGEST) < 0 ? floor : LONGEST;
    return new Close(
        CloseCode.NO_ENTROPY,
        RetryAfterPolicy.jittered(retryAfter, random),
        "no device gives tested entropy at present, or it is not known yet how much");
  }

  /** The CLOSE for all clients when all devices are files and have been read to the end. */
  static Close exhausted() {
    return new Close(
        CloseCode.NO_ENTROPY, Close.NEVER, "the files that were given as devices are used up");
  }

  /** The maximum number of connected clients. */
  int maxClients() {
    return properties.maxClients();
  }

  /**
   * The CLOSE for a connection from an address that has reached its limit.
   *
   * @param limit the maximum number of connections per address
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
