package io.netrng.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of the results.
 *
 * @param name what was measured
 * @param unit of the runs
 * @param runs the figures, in the order in which they were taken
 * @param beside what ran in turn with it, such as iperf3, or what the runs are held against
 * @param besideRuns its figures, each taken right beside that of the same place in runs
 * @param ratio the median of the ratios pair by pair
 * @param goal what the ratio, or the median where nothing runs beside, is to reach
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

  /** The median of the runs. */
  @JsonProperty
  public double median() {
    return median(runs);
  }

  /** Whether the goal is reached. */
  @JsonProperty
  public boolean reached() {
    return goal.isReachedBy(ratio == null ? median() : ratio);
  }

  private static double median(List<Double> figures) {
    return figures.stream().sorted().toList().get(figures.size() / 2);
  }
}
