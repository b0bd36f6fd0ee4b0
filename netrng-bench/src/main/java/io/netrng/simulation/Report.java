// SPDX-License-Identifier: Apache-2.0
package io.netrng.simulation;

import java.util.Formatter;
import java.util.Locale;
import java.util.OptionalInt;

/** The figures of one outcome, each beside its goal, if it has one. */
final class Report {

  private static final int WITHIN_SECONDS = 60;
  private static final int MOST_ATTEMPTS = 200;

  private static final int[] AFTER = {
    -1, 0, 1, 2, 5, 10, 20, 25, 30, 35, 45, 60, 90, 119, 120, 121, 130, 150, 179
  };

  private final Outcome outcome;
  private final Scenario scenario;
  private final Formatter text = new Formatter(Locale.ROOT);
  private boolean reached = true;

  Report(Outcome outcome) {
    this.outcome = outcome;
    scenario = outcome.scenario();
    text.format(
        "%n%s: %,d servers of %,dB/s, %,d clients,%n%,d of them with %dB/s, which is %s of what"
            + " nine tenths of the servers may promise%n",
        scenario.name(),
        scenario.servers(),
        scenario.capacity(),
        scenario.clients(),
        scenario.guaranteed(),
        Scenario.GUARANTEE,
        percent(scenario.loadOfTheRest()));
    shares();
    attempts();
    refusals();
    course();
  }

  String text() {
    return text.toString();
  }

  boolean goalsReached() {
    return reached;
  }

  private void shares() {
    figure("at their guarantee before a tenth of the servers dies", percent(outcome.before()));
    figure("the least of them after that", percent(outcome.lowest()));
    OptionalInt settled = outcome.settledAfter();
    goal(
        "99 % of those whom the rest can carry are back after",
        seconds(settled),
        "<= " + WITHIN_SECONDS + " s",
        settled.isPresent() && settled.getAsInt() <= WITHIN_SECONDS);
    figure("at their guarantee before the dead come back", percent(outcome.settled()));
    figure("99 % of all are, after the dead have come back", seconds(outcome.allBackAfter()));
    figure("at their guarantee at the end", percent(outcome.atEnd()));
    goal(
        "no server ever promised more than it may",
        outcome.withinMeans() ? "yes" : "no",
        "yes",
        outcome.withinMeans());
  }

  private void attempts() {
    goal(
        "most attempts that a living server saw in a second",
        number(outcome.mostOnOne()),
        "<= " + MOST_ATTEMPTS,
        outcome.mostOnOne() <= MOST_ATTEMPTS);
    figure("most attempts at a dead server in a second", number(outcome.mostOnDead()));
    figure(
        "attempts a second in the half minute after the deaths", number(outcome.attemptsAtFirst()));
    String last = "attempts a second in the last before the dead come back";
    if (scenario.restCanCarryThem()) {
      goal(last, number(outcome.attemptsAtLast()), "0", outcome.attemptsAtLast() == 0);
    } else {
      figure(last, number(outcome.attemptsAtLast()));
    }
    figure("attempts a second in the last of all", number(outcome.attemptsAtEnd()));
  }

  private void refusals() {
    if (outcome.refusals().isEmpty()) {
      figure("refusals", "none");
    }
    outcome
        .refusals()
        .forEach((code, count) -> figure("refusals: " + code.externalName(), number(count)));
  }

  private void course() {
    text.format(
        "  seconds after the deaths, attempts a second, most of them on a living server:%n");
    for (int after : AFTER) {
      int second = scenario.deathAt() + after;
      if (second < scenario.end()) {
        SecondStats moment = outcome.moments().get(second);
        text.format(
            "    %4d  %,9d  %,6d   %s at their guarantee%n",
            after, moment.attempts(), moment.mostOnOne(), percent(moment.atGuarantee()));
      }
    }
  }

  private void goal(String what, String figure, String goal, boolean isReached) {
    reached &= isReached;
    text.format("  %-56s %9s  goal: %s%s%n", what, figure, goal, isReached ? "" : "  MISSED");
  }

  private void figure(String what, String figure) {
    text.format("  %-56s %9s%n", what, figure);
  }

  private static String number(double number) {
    return String.format(Locale.ROOT, "%,.0f", number);
  }

  private static String percent(double part) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * part);
  }

  private static String seconds(OptionalInt seconds) {
    return seconds.isPresent() ? seconds.getAsInt() + " s" : "never";
  }
}
