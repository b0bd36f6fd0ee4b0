// SPDX-License-Identifier: Apache-2.0
package io.netrng.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Invariants of the simulation, with a small site. */
class SimulationTest {

  private static final int SERVERS = 20;
  private static final int CLIENTS = 2_000;
  private static final int DEATH_AT = 60;
  private static final int BACK_AT = 180;

  /** Runs a site whose servers have this capacity in bytes per second. */
  private static Outcome outcome(long capacity) {
    return Site.run(
        new Scenario("small", SERVERS, CLIENTS, capacity, 20, DEATH_AT, BACK_AT, 300, 1));
  }

  @Test
  void remainingServersWithCapacityServeAllClientsWithinAMinuteAndRetriesEnd() {
    Outcome outcome = outcome(9_500);
    assertThat(outcome.scenario().loadOfTheRest()).isBetween(0.7, 0.9);
    assertThat(outcome.withinMeans()).isTrue();
    assertThat(outcome.before()).isGreaterThan(0.999);
    assertThat(outcome.lowest()).isBetween(0.85, 0.95);
    assertThat(outcome.settledAfter().orElseThrow()).isLessThanOrEqualTo(60);
    assertThat(outcome.settled()).isGreaterThan(0.999);
    assertThat(outcome.attemptsAtLast()).isZero();
    assertThat(outcome.attemptsAtEnd()).isZero();
    assertThat(outcome.mostOnOne()).isLessThanOrEqualTo(200);
    assertThat(new Report(outcome).goalsReached()).isTrue();
  }

  @Test
  void remainingServersWithInsufficientCapacityKeepGuaranteesAndRetriesDecrease() {
    Outcome outcome = outcome(7_000);
    double carried = 1 / outcome.scenario().loadOfTheRest();
    assertThat(carried).isLessThan(0.95);
    assertThat(outcome.withinMeans()).isTrue();
    assertThat(outcome.settled()).isBetween(0.99 * carried, carried + 1e-9);
    // A pause is at most 15 s, so clients without a server retry four times a minute.
    assertThat(outcome.attemptsAtLast()).isLessThan(outcome.attemptsAtFirst() * 0.6);
    assertThat(outcome.refusals()).isNotEmpty();
    assertThat(outcome.mostOnOne()).isLessThanOrEqualTo(200);
  }

  @Test
  void theSameSeedProducesTheSameReport() {
    assertThat(new Report(outcome(7_000)).text()).isEqualTo(new Report(outcome(7_000)).text());
  }
}
