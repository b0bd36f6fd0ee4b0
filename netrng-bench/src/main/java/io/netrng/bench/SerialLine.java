// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Measures the reading of a serial line beside a plain loop on the same line. */
final class SerialLine {

  private static final int RUNS = 5;

  private SerialLine() {}

  static List<Row> rows() throws IOException, InterruptedException {
    List<Double> runs = new ArrayList<>();
    List<Double> others = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      String[] figures = Command.run(Command.java(SerialReader.class)).trim().split(" ", -1);
      runs.add(Double.valueOf(figures[0]));
      others.add(Double.valueOf(figures[1]));
    }
    return List.of(
        Row.beside(
            "serial line, no wrong byte",
            "B/s",
            runs,
            "a loop of FileChannel.read on the same line",
            others,
            Goal.atLeast(0.7)),
        Row.alone("serial line, rate alone", "B/s", runs, Goal.atLeast(10e6)));
  }
}
