// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Lines of columns, each as wide as its widest cell. A cell that is a number is set to the right.
 */
final class Table {

  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();

  /**
   * Starts a table.
   *
   * @param head the names of the columns
   */
  Table(String... head) {
    rows.add(List.of(head));
  }

  /** Adds a line with one cell for each column. */
  void add(String... cells) {
    if (cells.length != rows.getFirst().size()) {
      throw new IllegalArgumentException(
          "%d cells for %d columns".formatted(cells.length, rows.getFirst().size()));
    }
    rows.add(List.of(cells));
  }

  void print(PrintWriter out) {
    int columns = rows.getFirst().size();
    int[] widths =
        IntStream.range(0, columns)
            .map(i -> rows.stream().mapToInt(row -> row.get(i).length()).max().orElse(0))
            .toArray();
    for (List<String> row : rows) {
      out.println(
          IntStream.range(0, columns)
              .mapToObj(i -> padded(row.get(i), widths[i]))
              .collect(Collectors.joining(GAP))
              .stripTrailing());
    }
    out.flush();
  }

  private static String padded(String cell, int width) {
    boolean isNumber = !cell.isEmpty() && Character.isDigit(cell.charAt(0));
    return (isNumber ? "%" : "%-").concat(Math.max(1, width) + "s").formatted(cell);
  }
}
