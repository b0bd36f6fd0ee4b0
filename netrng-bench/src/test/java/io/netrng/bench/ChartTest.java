// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChartTest {

  private static final Pattern LINE =
      Pattern.compile("<path class=\"([ab])\" stroke-width=\"10\" d=\"M(\\d+) \\d+H(\\d+)\"/>");
  private static final Pattern FIGURE =
      Pattern.compile("<text x=\"\\d+\" y=\"\\d+\">([0-9.]+)[^<]*</text>");

  @ParameterizedTest
  @CsvSource({
    // figure, minimum, maximum, times as good
    "0.65, 0.5, , 1.3",
    "5.2, , 20, 3.846",
    "1.0, 0.9, 1.1, 1.1",
    "0.4, 0.5, , 0.8",
    "30, , 20, 0.667",
    "0, , 0, Infinity",
    "1, , 0, 0",
  })
  void computesTheRatioOfAFigureToItsGoal(
      double figure, Double atLeast, Double atMost, double times) {
    assertThat(new Goal(atLeast, atMost).timesAsGood(figure))
        .isCloseTo(times, org.assertj.core.data.Percentage.withPercentage(0.1));
  }

  @Test
  void aRowBelowItsGoalEndsBeforeTheGoalLineInAnotherColour() {
    // when
    Matcher lines =
        LINE.matcher(new Chart(List.of(row("good", 1.0), row("just", 0.5), row("bad", 0.4))).svg());

    // then
    assertThat(lines.find()).isTrue();
    int goal = Integer.parseInt(lines.group(3)) - 70;
    assertThat(lines.group(1)).isEqualTo("a");
    assertThat(lines.find()).isTrue();
    assertThat(Integer.parseInt(lines.group(3))).isEqualTo(goal);
    assertThat(lines.find()).isTrue();
    assertThat(Integer.parseInt(lines.group(3))).isLessThan(goal);
    assertThat(lines.group(1)).isEqualTo("b");
  }

  @ParameterizedTest
  @CsvSource({"of 20, 3 of 20", "of guarantee, 300 % of guarantee", "ms, 3 ms"})
  void aFigureIsShownInItsUnit(String unit, String shown) {
    Row row = Row.alone("row", unit, List.of(3.0), Goal.atLeast(1));
    assertThat(new Chart(List.of(row)).svg()).contains(">" + shown + "</text>");
  }

  @Test
  void everyFigureOfTheCommittedChartAppearsOnTheBenchmarkPage() throws IOException {
    String page = Files.readString(Path.of("../docs/internals/benchmark.md"));
    List<String> figures =
        FIGURE
            .matcher(Files.readString(Path.of("../docs/internals/benchmark.svg")))
            .results()
            .map(figure -> figure.group(1))
            .toList();
    assertThat(figures).hasSizeGreaterThan(10);
    assertThat(figures)
        .allSatisfy(figure ->
            assertThat(page)
                .as("docs/internals/benchmark.md contains the figure of its picture")
                .containsPattern("(?<![0-9.])" + Pattern.quote(figure) + "(?![0-9])"));
  }

  private static Row row(String name, double figure) {
    return Row.alone(name, "", List.of(figure), Goal.atLeast(0.5));
  }
}
