// SPDX-License-Identifier: Apache-2.0
package io.netrng.simulation;

import io.netrng.picture.Svg;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Two panels over time, with one line for each outcome: the share of clients at their guarantee,
 * and the attempts per second.
 */
final class Picture {

  private static final int WIDTH = 860;
  private static final int HEIGHT = 640;
  private static final int LEFT = 70;
  private static final int RIGHT = 840;
  private static final int PANEL_HEIGHT = 230;
  private static final int SHARE_TOP = 60;
  private static final int ATTEMPTS_TOP = 350;
  private static final int TICK_SECONDS = 30;

  /** The lower end of the axis of the share. */
  private static final double LEAST_SHARE = 0.8;

  /** Attempts are on a logarithmic axis, up to this power of ten. */
  private static final int MOST_DECADES = 6;

  private static final String TITLE = "A site of 1,000 servers, a tenth of which die and come back";

  private static final List<String> COLOURS = List.of("a", "b");

  private final List<Outcome> outcomes;
  private final Scenario first;
  private final Svg svg = new Svg(TITLE, WIDTH, HEIGHT);

  /** Makes a picture of outcomes with the same timeline. */
  Picture(List<Outcome> outcomes) {
    this.outcomes = outcomes;
    first = outcomes.getFirst().scenario();
  }

  String svg() {
    legend();
    panel(SHARE_TOP, "clients at their guarantee");
    for (int percent = 80; percent <= 100; percent += 5) {
      level(SHARE_TOP, heightOfShare(percent / 100.0), percent + " %");
    }
    curves(SHARE_TOP, moment -> heightOfShare(moment.atGuarantee()));
    panel(ATTEMPTS_TOP, "attempts a second at all servers together");
    level(ATTEMPTS_TOP, 0, "0");
    for (int decade = 0; decade < MOST_DECADES; decade++) {
      long attempts = Math.round(Math.pow(10, decade));
      level(
          ATTEMPTS_TOP,
          heightOfAttempts((double) attempts),
          String.format(Locale.ROOT, "%,d", attempts));
    }
    curves(ATTEMPTS_TOP, moment -> heightOfAttempts(moment.attempts()));
    svg.add(
        "<text class=\"mid\" x=\"%d\" y=\"%d\">seconds</text>%n", (LEFT + RIGHT) / 2, HEIGHT - 12);
    return svg.end();
  }

  private void legend() {
    int step = (RIGHT - LEFT) / outcomes.size();
    for (int i = 0; i < outcomes.size(); i++) {
      int x = LEFT + i * step;
      String colour = COLOURS.get(i);
      svg.add("<path class=\"%s\" d=\"M%d 16h24\" stroke-width=\"3\"/>%n", colour, x);
      svg.add("<text x=\"%d\" y=\"20\">%s</text>%n", x + 30, outcomes.get(i).scenario().name());
    }
  }

  private void panel(int top, String title) {
    svg.add("<text x=\"%d\" y=\"%d\">%s</text>%n", LEFT, top - 10, title);
    int bottom = top + PANEL_HEIGHT;
    for (int second = 0; second <= first.end(); second += TICK_SECONDS) {
      svg.add("<path class=\"grid\" d=\"M%.0f %dv%d\"/>%n", x(second), top, PANEL_HEIGHT);
      svg.add(
          "<text class=\"mid\" x=\"%.0f\" y=\"%d\">%d</text>%n", x(second), bottom + 18, second);
    }
    mark(top, first.deathAt(), "a tenth dies");
    mark(top, first.backAt(), "and comes back");
  }

  private void mark(int top, int second, String what) {
    svg.add("<path class=\"mark\" d=\"M%.0f %dv%d\"/>%n", x(second), top, PANEL_HEIGHT);
    svg.add("<text x=\"%.0f\" y=\"%d\">%s</text>%n", x(second) + 6, top + PANEL_HEIGHT - 8, what);
  }

  private void level(int top, double height, String label) {
    double y = top + PANEL_HEIGHT * (1 - height);
    svg.add("<path class=\"grid\" d=\"M%d %.0fH%d\"/>%n", LEFT, y, RIGHT);
    svg.add("<text class=\"end\" x=\"%d\" y=\"%.0f\">%s</text>%n", LEFT - 8, y + 4, label);
  }

  private void curves(int top, ToDoubleFunction<SecondStats> height) {
    for (int i = 0; i < outcomes.size(); i++) {
      svg.add("<polyline class=\"%s\" points=\"", COLOURS.get(i));
      for (SecondStats moment : outcomes.get(i).moments()) {
        double y = top + PANEL_HEIGHT * (1 - height.applyAsDouble(moment));
        svg.add("%.1f,%.1f ", x(moment.second() + 1), y);
      }
      svg.add("\"/>%n");
    }
  }

  private double x(int second) {
    return LEFT + (double) (RIGHT - LEFT) * second / first.end();
  }

  private static double heightOfShare(double share) {
    return Math.max(0, (share - LEAST_SHARE) / (1 - LEAST_SHARE));
  }

  /** Returns the height of a number of attempts; the lowest decade is for zero. */
  private static double heightOfAttempts(double attempts) {
    return attempts < 1 ? 0 : (1 + Math.log10(attempts)) / MOST_DECADES;
  }
}
