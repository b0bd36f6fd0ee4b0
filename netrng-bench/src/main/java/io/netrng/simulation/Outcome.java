// SPDX-License-Identifier: Apache-2.0
package io.netrng.simulation;

import io.netrng.protocol.CloseCode;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The results of a scenario.
 *
 * @param moments one for each second
 * @param refusals by reason
 * @param withinMeans whether no server ever granted more than its limit
 */
record Outcome(
    Scenario scenario,
    List<SecondStats> moments,
    Map<CloseCode, Long> refusals,
    boolean withinMeans) {

  private static final double MOST_OF_THEM = 0.99;
  private static final int LATELY = 30;

  /** Returns the share of clients at their guarantee just before the servers died. */
  double before() {
    return moments.get(scenario.deathAt() - 1).atGuarantee();
  }

  /** Returns the lowest share between the deaths and the restart of the dead servers. */
  double lowest() {
    return moments.subList(scenario.deathAt(), scenario.backAt()).stream()
        .mapToDouble(SecondStats::atGuarantee)
        .min()
        .orElseThrow();
  }

  /** Returns the share just before the dead servers restart. */
  double settled() {
    return moments.get(scenario.backAt() - 1).atGuarantee();
  }

  double atEnd() {
    return moments.getLast().atGuarantee();
  }

  /**
   * Returns the seconds from the deaths until 99 % of the clients that the other servers can carry
   * were, and stayed, at their guarantee. Empty if this did not happen before the dead servers
   * restarted.
   */
  OptionalInt settledAfter() {
    double goal = MOST_OF_THEM * Math.min(1, 1 / scenario.loadOfTheRest());
    return secondsUntil(goal, scenario.deathAt(), scenario.backAt());
  }

  /** Returns the seconds from the restart until 99 % of all clients were at their guarantee. */
  OptionalInt allBackAfter() {
    return secondsUntil(MOST_OF_THEM, scenario.backAt(), scenario.end());
  }

  private OptionalInt secondsUntil(double goal, int from, int to) {
    int since = to;
    while (since > from && moments.get(since - 1).atGuarantee() >= goal) {
      since--;
    }
    return since == to ? OptionalInt.empty() : OptionalInt.of(since + 1 - from);
  }

  /** Returns the maximum of attempts at a dead server in any second. */
  int mostOnDead() {
    return moments.stream().mapToInt(SecondStats::mostOnDead).max().orElseThrow();
  }

  /** Returns the maximum of attempts at a running server in any second. */
  int mostOnOne() {
    return moments.stream().mapToInt(SecondStats::mostOnOne).max().orElseThrow();
  }

  /** Returns the attempts per second in the first half minute after the deaths. */
  double attemptsAtFirst() {
    return attemptsPerSecond(scenario.deathAt());
  }

  /** Returns the attempts per second in the half minute before the dead servers restart. */
  double attemptsAtLast() {
    return attemptsPerSecond(scenario.backAt() - LATELY);
  }

  /** Returns the attempts per second in the last half minute of the run. */
  double attemptsAtEnd() {
    return attemptsPerSecond(scenario.end() - LATELY);
  }

  private double attemptsPerSecond(int from) {
    return moments.subList(from, from + LATELY).stream().mapToInt(SecondStats::attempts).sum()
        / (double) LATELY;
  }
}
