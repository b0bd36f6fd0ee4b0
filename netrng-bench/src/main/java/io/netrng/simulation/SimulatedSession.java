// SPDX-License-Identifier: Apache-2.0
package io.netrng.simulation;

import io.netrng.server.distribution.FairQueue;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** The session of an admitted client at a server, and the record of the samples it received. */
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
   * Makes a session; the client requests its first sample at once.
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
   * Records a received sample.
   *
   * @return the time of the client's next request, which may be past
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
   * Returns whether the client receives its guarantee. It must have received a sample. Over the
   * time that it has waited, it must have received its guarantee, less two amounts. The first is
   * the lag of the fair queue by design. That lag is one service of its own and about a second for
   * one service of each other client. The second amount is the sample in transit. Bytes beyond the
   * guarantee do not count.
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
