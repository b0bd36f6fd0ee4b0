// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.naming.ExternalName;
import java.time.Duration;

/**
 * The state of the deliveries to a client. The constants in lower case are the names in the API.
 */
public enum DeliveryState implements ExternalName {
  /** The client requests nothing. */
  IDLE,
  /** The client receives its guarantee. */
  SERVED,
  /** In the last ten seconds, the client received less than 95 % of its guarantee. */
  SHORT,
  /** The client has waited for a sample for longer than its guarantee permits. */
  STARVED;

  /** A client that waits less is not starved. */
  private static final Duration SHORTEST_STARVATION = Duration.ofSeconds(3);

  /** The queue may be late by one sample. */
  private static final int LATE_SAMPLES = 2;

  private static final double FULL = 0.95;

  /**
   * The deliveries to a client.
   *
   * @param guarantee in bytes per second; 0 is best effort
   * @param sampleSize in bytes
   * @param active whether samples are requested, or were delivered in the last ten seconds
   * @param waited the time since the client waits for its next sample; zero if it does not
   * @param attainment the delivered part of the guarantee in the last ten seconds
   */
  record Deliveries(
      long guarantee, int sampleSize, boolean active, Duration waited, double attainment) {

    /** The time in which a sample arrives while the guarantee is kept. */
    private Duration longestWait() {
      return guarantee == 0
          ? Duration.ofSeconds(Long.MAX_VALUE)
          : Duration.ofMillis(LATE_SAMPLES * 1_000L * sampleSize / guarantee);
    }
  }

  /**
   * Returns the state of a client.
   *
   * @param available whether any device provides samples now; without one, a client that waits is
   *     starved at once
   */
  static DeliveryState of(Deliveries deliveries, boolean available) {
    Duration limit = available ? deliveries.longestWait() : Duration.ZERO;
    Duration starvation = limit.compareTo(SHORTEST_STARVATION) > 0 ? limit : SHORTEST_STARVATION;
    if (deliveries.waited.compareTo(starvation) >= 0) {
      return STARVED;
    }
    if (deliveries.attainment < FULL) {
      return SHORT;
    }
    return deliveries.active ? SERVED : IDLE;
  }
}
