// SPDX-License-Identifier: Apache-2.0
package io.netrng.simulation;

import io.netrng.client.stream.Candidates;
import io.netrng.client.stream.Candidates.Candidate;
import io.netrng.client.stream.StreamTimings;
import io.netrng.protocol.ClientFrame.Hello;
import io.netrng.protocol.ServerFrame.Close;
import io.netrng.server.session.Admission.Reservation;
import io.netrng.server.session.Admission.Verdict;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client, with the behaviour of NetRNG's client: it tries its candidates in order. After a
 * refusal or the loss of its stream, it continues with the next candidate. It waits for the
 * retry-after time of a refusal.
 */
final class Client {

  private static final long ROUND_TRIP = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long KEEPALIVE = Server.KEEPALIVE.toNanos();
  private static final int MISSED_KEEPALIVES = 3;

  private final EventQueue events;
  private final Network network;
  private final Hello hello;
  private final Candidates candidates;
  private final long nanosBetweenSamples;
  private @Nullable SimulatedSession seat;
  private @Nullable Candidate seatedAt;

  /** Connects clients to servers, and counts attempts. */
  interface Network {

    /** Counts an attempt, and returns its server. */
    Server dial(Candidate candidate);

    void refused(Close close);
  }

  /**
   * Makes an idle client.
   *
   * @param nanosBetweenSamples the time between two requests; 0 for unlimited demand
   */
  Client(
      EventQueue events,
      Network network,
      Hello hello,
      Candidates candidates,
      long nanosBetweenSamples) {
    this.events = events;
    this.network = network;
    this.hello = hello;
    this.candidates = candidates;
    this.nanosBetweenSamples = nanosBetweenSamples;
  }

  boolean isGuest() {
    return hello.label().startsWith(Server.GUEST);
  }

  boolean isSeated() {
    return seat != null;
  }

  boolean hasItsGuarantee() {
    return seat != null && seat.hasItsGuarantee(events.now());
  }

  long nanosBetweenSamples() {
    return nanosBetweenSamples;
  }

  /** Connects, now or as soon as a server may be tried. */
  void next() {
    Candidate candidate = candidates.select(events.now()).orElseThrow();
    long wait = candidate.nanosToWait(events.now());
    if (wait > 0) {
      events.after(wait, this::next);
    } else {
      events.after(ROUND_TRIP, () -> connect(candidate));
    }
  }

  private void connect(Candidate candidate) {
    Server server = network.dial(candidate);
    switch (server.state()) {
      case UP -> answered(candidate, server);
      case PROCESS_DEAD -> ended(candidate, Duration.ZERO);
      case MACHINE_DEAD ->
          events.after(
              StreamTimings.DEFAULT.connect().toNanos(), () -> ended(candidate, Duration.ZERO));
    }
  }

  private void answered(Candidate candidate, Server server) {
    switch (server.admit(hello)) {
      case Reservation reservation -> {
        seatedAt = candidate;
        seat = server.seat(this, reservation.guarantee());
      }
      case Verdict.Refused(Close close) -> {
        network.refused(close);
        ended(candidate, Duration.ofMillis(close.retryAfterMillis()));
      }
    }
  }

  private void ended(Candidate candidate, Duration retryAfter) {
    candidate.recordFailure(events.now(), retryAfter);
    next();
  }

  /**
   * The server of this session is dead. After a reset the client detects this at once. A dead
   * machine is detected after three keepalives without a frame, and until then the client keeps the
   * lost session.
   */
  void onDeathOf(SimulatedSession lost, Server.State how) {
    Candidate candidate = seatedAt;
    seat = null;
    if (candidate != null) {
      long noticed =
          how == Server.State.MACHINE_DEAD
              ? lastHeard(lost) + MISSED_KEEPALIVES * KEEPALIVE
              : events.now();
      events.at(noticed, () -> lost(candidate, lost));
    }
  }

  /** Returns the time of the last frame: the last sample, or a later PONG, one per keepalive. */
  private long lastHeard(SimulatedSession lost) {
    long silence = events.now() - lost.lastSampleAt();
    return events.now() - silence % KEEPALIVE;
  }

  private void lost(Candidate candidate, SimulatedSession lost) {
    if (lost.samples() > 0
        && events.now() - lost.takenAt() > StreamTimings.DEFAULT.proof().toNanos()) {
      candidate.markHealthy();
    }
    ended(candidate, Duration.ZERO);
  }
}
