package io.netrng.simulation;

import io.netrng.server.distribution.FairQueue;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** A client's place at a server that has let it in, and the account of what it was given there. */
final class SimulatedSession {

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Client client;
  private final long guarantee;
  private final FairQueue.Flow<Deque<SimulatedSession>> flow;
  private final long takenAt;
  private boolean waiting;
  private long wantedAt;
  private long samples;
  private long lastSampleAt;
  private double owed;
  private long countedAt;

  /**
   * Takes a place; the client waits for its first sample at once.
   *
   * @param guarantee bytes per second; 0 is best effort
   */
  SimulatedSession(
      Client client, long guarantee, FairQueue.Flow<Deque<SimulatedSession>> flow, long now) {
    this.client = client;
    this.guarantee = guarantee;
    this.flow = flow;
    takenAt = now;
    wantedAt = now;
    lastSampleAt = now;
    countedAt = now;
  }

  Client client() {
    return client;
  }

  FairQueue.Flow<Deque<SimulatedSession>> flow() {
    return flow;
  }

  long takenAt() {
    return takenAt;
  }

  long samples() {
    return samples;
  }

  long lastSampleAt() {
    return lastSampleAt;
  }

  void waits(long now) {
    count(now);
    waiting = true;
  }

  /**
   * Is given a sample.
   *
   * @return when the client wants the next, which may be past
   */
  long served(long now) {
    count(now);
    waiting = false;
    samples++;
    lastSampleAt = now;
    owed = Math.max(0, owed - Scenario.SAMPLE_SIZE);
    wantedAt += client.nanosBetweenSamples();
    return wantedAt;
  }

  /**
   * Whether the client has what it was promised: it has had a sample, and for the time that it has
   * waited it was given its guarantee, but for what the fair queue may lag by design (one service
   * of its own and about a second for one of each other client) and the sample under way. What it
   * was given beyond its guarantee does not count.
   */
  boolean hasItsGuarantee(long now) {
    count(now);
    return samples > 0 && owed <= 2.0 * Scenario.SAMPLE_SIZE + (double) guarantee;
  }

  private void count(long now) {
    if (waiting) {
      owed += (double) (guarantee * (now - countedAt)) / NANOS_PER_SECOND;
    }
    countedAt = now;
  }
}
