// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of the results.
 *
 * @param name the measured quantity
 * @param unit the unit of the runs
 * @param runs the figures, in the order of measurement
 * @param beside the comparison: a program that ran alternately, such as iperf3, or a reference
 *     value
 * @param besideRuns the figures of the comparison, each measured next to the run at the same index
 * @param ratio the median of the ratios pair by pair
 * @param goal the goal of the ratio, or of the median without a comparison
 */
record Row(
    String name,
    String unit,
    List<Double> runs,
    @Nullable String beside,
    @Nullable List<Double> besideRuns,
    @Nullable Double ratio,
    Goal goal) {

  static Row alone(String name, String unit, List<Double> runs, Goal goal) {
    return new Row(name, unit, runs, null, null, null, goal);
  }

  static Row beside(
      String name, String unit, List<Double> runs, String beside, List<Double> others, Goal goal) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      ratios.add(runs.get(i) / others.get(i));
    }
    return new Row(name, unit, runs, beside, others, median(ratios), goal);
  }

  /** Returns the median of the runs. */
  @JsonProperty
  public double median() {
    return median(runs);
  }

  /** Returns whether the goal is reached. */
  @JsonProperty
  public boolean reached() {
    return goal.isReachedBy(ratio == null ? median() : ratio);
  }

  private static double median(List<Double> figures) {
    return figures.stream().sorted().toList().get(figures.size() / 2);
  }
}
