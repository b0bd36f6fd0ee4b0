// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import io.netrng.picture.Svg;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Draws the results: for each row, the factor by which it is better than its goal, and its figure.
 * The scale is in powers of two. A row left of the goal's line has missed the goal.
 */
public final class Chart {

  private static final int WIDTH = 860;
  private static final int LEFT = 410;
  private static final int RIGHT = 690;
  private static final int TOP = 40;
  private static final int STEP = 26;

  /** The scale ranges from half of the goal to eight times the goal; values beyond are clipped. */
  private static final int LEAST = -1;

  private static final int MOST = 3;

  private final List<Row> rows;
  private final Svg svg;

  Chart(List<Row> rows) {
    this.rows = rows;
    svg = new Svg("What was measured against its goal", WIDTH, TOP + STEP * rows.size() + 12);
  }

  /** Draws stored results. Arguments: the file of the results, the file to write. */
  public static void main(String[] args) throws IOException {
    JsonMapper mapper = JsonMapper.builder().build();
    JsonNode rows = mapper.readTree(Path.of(args[0]).toFile()).path("rows");
    Path file = Path.of(args[1]);
    Files.writeString(file, new Chart(List.of(mapper.treeToValue(rows, Row[].class))).svg());
    System.out.println("Written to " + file);
  }

  String svg() {
    int bottom = TOP + STEP * rows.size();
    for (int power = LEAST; power <= MOST; power++) {
      svg.add(
          "<path class=\"%s\" d=\"M%.0f %dV%d\"/>%n",
          power == 0 ? "mark" : "grid", x(power), TOP - 8, bottom);
      svg.add(
          "<text class=\"mid\" x=\"%.0f\" y=\"%d\">%s</text>%n", x(power), TOP - 16, label(power));
    }
    for (int i = 0; i < rows.size(); i++) {
      draw(rows.get(i), TOP + STEP * i + STEP / 2);
    }
    return svg.end();
  }

  private void draw(Row row, int y) {
    svg.add(
        "<text class=\"end\" x=\"%d\" y=\"%d\">%s</text>%n",
        LEFT - 14, y + 4, row.name().replace("&", "&amp;").replace("<", "&lt;"));
    double figure = row.ratio() == null ? row.median() : row.ratio();
    svg.add(
        "<path class=\"%s\" stroke-width=\"10\" d=\"M%.0f %dH%.0f\"/>%n",
        row.reached() ? "a" : "b", x(LEAST), y, x(power(row.goal().timesAsGood(figure))));
    svg.add(
        "<text x=\"%d\" y=\"%d\">%s</text>%n",
        RIGHT + 12, y + 4, row.ratio() == null ? text(figure, row.unit()) : number(figure));
  }

  private static String label(int power) {
    return power == 0 ? "goal" : power < 0 ? "&#189;" : "× " + (1 << power);
  }

  private static double power(double times) {
    return Math.clamp(Math.log(times) / Math.log(2), LEAST, MOST);
  }

  private static double x(double power) {
    return LEFT + (RIGHT - LEFT) * (power - LEAST) / (MOST - LEAST);
  }

  /** Formats a figure with its unit for people. */
  private static String text(double figure, String unit) {
    if (unit.equals("B")) {
      return figure >= 1 << 20
          ? number(figure / (1 << 20)) + " MiB"
          : number(figure / (1 << 10)) + " KiB";
    }
    return unit.matches("of [a-z]+")
        ? number(100 * figure) + " % " + unit
        : number(figure) + " " + unit;
  }

  /** Formats three digits, and all nines of a value slightly below one. */
  static String number(double figure) {
    double scaled = figure >= 1e9 ? figure / 1e9 : figure >= 1e6 ? figure / 1e6 : figure;
    String word = figure >= 1e9 ? " billion" : figure >= 1e6 ? " million" : "";
    return new BigDecimal(scaled)
            .round(new MathContext(figure > 0.99 && figure < 1 ? 5 : 3))
            .stripTrailingZeros()
            .toPlainString()
        + word;
  }
}
