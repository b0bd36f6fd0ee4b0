package io.netrng.simulation;

import io.netrng.protocol.CloseCode;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What came of a scenario.
 *
 * @param moments one for each second
 * @param refusals by reason
 * @param withinMeans whether no server ever promised more than it may
 */
record Outcome(
    Scenario scenario,
    List<SecondStats> moments,
    Map<CloseCode, Long> refusals,
    boolean withinMeans) {

  private static final double MOST_OF_THEM = 0.99;
  private static final int LATELY = 30;

  /** The part of the clients that had their guarantee just before the servers died. */
  double before() {
    return moments.get(scenario.deathAt() - 1).atGuarantee();
  }

  /** The smallest such part between the deaths and the return of the dead. */
  double lowest() {
    return moments.subList(scenario.deathAt(), scenario.backAt()).stream()
        .mapToDouble(SecondStats::atGuarantee)
        .min()
        .orElseThrow();
  }

  /** The part just before the dead come back. */
  double settled() {
    return moments.get(scenario.backAt() - 1).atGuarantee();
  }

  double atEnd() {
    return moments.getLast().atGuarantee();
  }

  /**
   * Seconds from the deaths until 99 % of those whom the rest can carry were at their guarantee,
   * and stayed there; empty if that was not before the dead came back.
   */
  OptionalInt settledAfter() {
    double goal = MOST_OF_THEM * Math.min(1, 1 / scenario.loadOfTheRest());
    return secondsUntil(goal, scenario.deathAt(), scenario.backAt());
  }

  /** Seconds from the return of the dead until 99 % of all were at their guarantee. */
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

  /** The most attempts that went to a dead server in any second. */
  int mostOnDead() {
    return moments.stream().mapToInt(SecondStats::mostOnDead).max().orElseThrow();
  }

  /** The most attempts that a living server saw in any second. */
  int mostOnOne() {
    return moments.stream().mapToInt(SecondStats::mostOnOne).max().orElseThrow();
  }

  /** Attempts per second in the first half minute after the deaths. */
  double attemptsAtFirst() {
    return attemptsPerSecond(scenario.deathAt());
  }

  /** Attempts per second in the half minute before the dead come back. */
  double attemptsAtLast() {
    return attemptsPerSecond(scenario.backAt() - LATELY);
  }

  /** Attempts per second in the last half minute of all. */
  double attemptsAtEnd() {
    return attemptsPerSecond(scenario.end() - LATELY);
  }

  private double attemptsPerSecond(int from) {
    return moments.subList(from, from + LATELY).stream().mapToInt(SecondStats::attempts).sum()
        / (double) LATELY;
  }
}
