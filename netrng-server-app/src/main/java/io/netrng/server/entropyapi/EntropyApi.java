// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.protocol.ServerFrame.Close;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.security.Identity;
import io.netrng.server.session.ByteClient;
import io.netrng.server.session.ClientSession;
import io.netrng.server.session.SessionEvent;
import io.netrng.server.session.SessionRegistry;
import io.netrng.server.source.Source.Availability;
import io.netrng.server.source.SourceStatus;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;

/** What all connections of the API share. Any thread may call the methods. */
final class EntropyApi {

  /** More anonymous machines at the same time would take the places of clients. */
  private static final int MOST_ANONYMOUS = 16;

  private static final Duration LEAST_PATIENCE = Duration.ofSeconds(30);

  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final EntropyApiProperties properties;
  private final SessionRegistry sessions;
  private final Supplier<SourceStatus> status;
  private final Supplier<Availability> availability;
  private final Authentication authentication;
  private final JsonMapper json = new JsonMapper();
  private final byte[] description;
  private final Ceilings ceilings;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger anonymous = new AtomicInteger();
  private final Map<Integer, LongAdder> answers = new ConcurrentHashMap<>();

  /**
   * Creates an API without connections.
   *
   * @param status the devices
   * @param availability whether they provide entropy
   * @param description the API in OpenAPI
   * @param nanoTime a clock, in nanoseconds
   */
  EntropyApi(
      EntropyApiProperties properties,
      SessionRegistry sessions,
      Supplier<SourceStatus> status,
      Supplier<Availability> availability,
      Authentication authentication,
      byte[] description,
      LongSupplier nanoTime) {
    this.properties = properties;
    this.sessions = sessions;
    this.status = status;
    this.availability = availability;
    this.authentication = authentication;
    this.description = description;
    ceilings = new Ceilings(sessions.sampleSize(), nanoTime);
  }

  SessionRegistry sessions() {
    return sessions;
  }

  Authentication authentication() {
    return authentication;
  }

  JsonMapper json() {
    return json;
  }

  /** A connection has begun, which has not {@link #ended}. */
  void begun() {
    connections.incrementAndGet();
  }

  /** A connection has ended, and its session with it. */
  void ended() {
    connections.decrementAndGet();
  }

  /** The number of connections that have not ended. */
  int connections() {
    return connections.get();
  }

  /** The description of the API in OpenAPI. */
  byte[] description() {
    return description.clone();
  }

  /** The maximum entropy of one answer, in bytes. */
  long mostBytes() {
    return properties.maxAnswer().toBytes();
  }

  /** Whether anonymous machines get seeds. */
  boolean servesAnonymousMachines() {
    return properties.pollinate().enabled();
  }

  /** Returns whether one more anonymous machine may be served, until {@link #leave}. */
  boolean enter() {
    return anonymous.getAndUpdate(n -> Math.min(n + 1, MOST_ANONYMOUS)) < MOST_ANONYMOUS;
  }

  void leave() {
    anonymous.decrementAndGet();
  }

  byte[] capabilities() {
    return json.writeValueAsBytes(Capabilities.of(mostBytes(), status.get(), Instant.now()));
  }

  byte[] health() {
    return json.writeValueAsBytes(Health.of(status.get(), Instant.now()));
  }

  /** Rejects a request while no device provides tested entropy. */
  void requireEntropy() throws Rejection {
    switch (availability.get()) {
      case Availability.Available() -> {}
      case Availability.Expected(Duration in) ->
          throw new Rejection(
                  HttpResponseStatus.SERVICE_UNAVAILABLE,
                  "no device gives tested entropy at present.")
              .retryAfter(in.compareTo(LONGEST) < 0 ? in : LONGEST);
      case Availability.Exhausted() ->
          throw new Rejection(
              HttpResponseStatus.SERVICE_UNAVAILABLE, "the devices are files, and are used up.");
    }
  }

  /**
   * Rejects an anonymous machine while all of them have reached their ceiling. Called before the
   * admission, so that each rejection needs no session.
   */
  void requireBelowCeilingOfAnonymous(Identity identity, long bytes) throws Rejection {
    long ceiling = ceilingOfAnonymous();
    int sampleSize = sessions.sampleSize();
    long cost = Math.ceilDiv(bytes, sampleSize) * sampleSize;
    reject(
        identity, ceiling, ceilings.check(new Ceilings.Key(identity.name(), true), ceiling, cost));
  }

  /** Takes the bytes of a request from the ceiling of its client, or rejects the request. */
  void requireBelowCeiling(ByteClient client, Identity identity, boolean anonymous, long bytes)
      throws Rejection {
    long ofSession = client.session().ceiling();
    long ceiling = anonymous ? Math.min(ceilingOfAnonymous(), ofSession) : ofSession;
    if (ceiling < Distributor.NO_CEILING) {
      Ceilings.Key key = new Ceilings.Key(identity.name(), anonymous);
      reject(identity, ceiling, ceilings.take(key, ceiling, client.cost(bytes)));
    }
  }

  private long ceilingOfAnonymous() {
    return properties.pollinate().ceiling().bytesPerSecond();
  }

  private static void reject(Identity identity, long ceiling, Optional<Duration> wait)
      throws Rejection {
    if (wait.isPresent()) {
      throw new Rejection(
              HttpResponseStatus.TOO_MANY_REQUESTS,
              "the ceiling of %d B/s of %s is reached.".formatted(ceiling, identity.name()))
          .retryAfter(wait.get());
    }
  }

  /**
   * The time without entropy after which an answer ends: enough for three samples at the rate of
   * the client.
   */
  Duration patience(ClientSession session) {
    long rate =
        session.guarantee() > 0
            ? Math.min(session.guarantee(), session.ceiling())
            : session.ceiling();
    Duration samples = Duration.ofSeconds(Math.ceilDiv(3L * sessions.sampleSize(), rate));
    return samples.compareTo(LEAST_PATIENCE) > 0 ? samples : LEAST_PATIENCE;
  }

  /** Records that a client was not admitted, and returns the answer. */
  Rejection refused(Close close, Channel channel, ByteClient.Applicant applicant) {
    sessions.refused(
        close,
        new SessionEvent.Applicant(
            channel.remoteAddress(), applicant.identity().name(), applicant.label()));
    return rejection(close);
  }

  /** The answer to a client whose session is refused or has ended. */
  static Rejection rejection(Close close) {
    Rejection rejection =
        new Rejection(
            switch (close.code()) {
              case CAPACITY, MAX_CLIENTS, NO_ENTROPY, SHUTDOWN ->
                  HttpResponseStatus.SERVICE_UNAVAILABLE;
              case TOO_MANY_CONNECTIONS -> HttpResponseStatus.TOO_MANY_REQUESTS;
              case NOT_AUTHORISED, KICKED, PROTOCOL_ERROR, KEEPALIVE_MISSED, UNSUPPORTED_VERSION ->
                  HttpResponseStatus.FORBIDDEN;
            },
            close.reason() + ".");
    return close.retryAfterMillis() == Close.NEVER
        ? rejection
        : rejection.retryAfter(Duration.ofMillis(close.retryAfterMillis()));
  }

  /** Counts an answer. */
  void answered(HttpResponseStatus status) {
    answers.computeIfAbsent(status.code(), _ -> new LongAdder()).increment();
  }

  /** The number of answers with a status. */
  long answers(int status) {
    LongAdder count = answers.get(status);
    return count == null ? 0 : count.sum();
  }
}
