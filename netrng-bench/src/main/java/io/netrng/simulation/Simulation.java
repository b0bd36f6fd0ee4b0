// SPDX-License-Identifier: Apache-2.0
package io.netrng.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the scenarios of a full site, prints and draws the results. Run {@code make simulate} in the
 * root of the project. The arguments are the file of the picture and the seed; the default seed is
 * 1.
 */
public final class Simulation {

  private static final int SERVERS = 1_000;
  private static final int CLIENTS = 1_000_000;

  private Simulation() {}

  private static List<Scenario> scenarios(long seed) {
    return List.of(
        scenario("the rest can carry them", 85_000, seed),
        scenario("the rest cannot carry them", 71_200, seed));
  }

  private static Scenario scenario(String name, long capacity, long seed) {
    return new Scenario(name, SERVERS, CLIENTS, capacity, 40, 60, 180, 240, seed);
  }

  public static void main(String[] args) throws IOException {
    long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
    List<Outcome> outcomes = new ArrayList<>();
    boolean reached = true;
    for (Scenario scenario : scenarios(seed)) {
      Outcome outcome = Site.run(scenario);
      Report report = new Report(outcome);
      System.out.print(report.text());
      reached &= report.goalsReached();
      outcomes.add(outcome);
    }
    Path file = Path.of(args[0]);
    Files.writeString(file, new Picture(outcomes).svg());
    System.out.println("Drawn into " + file);
    System.exit(reached ? 0 : 1);
  }
}
