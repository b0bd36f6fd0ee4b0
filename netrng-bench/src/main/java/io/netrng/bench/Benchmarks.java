// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.RunnerException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs all benchmarks, prints a table and writes the results as JSON and as a picture. Run {@code
 * make bench} in the root of the project. The first argument is the file to write; further
 * arguments select groups.
 */
public final class Benchmarks {

  private Benchmarks() {}

  /** Measures some of the rows. */
  private interface Group {
    List<Row> rows() throws IOException, InterruptedException, RunnerException;
  }

  /** Returns the groups in the order of the table. */
  private static Map<String, Group> groups() {
    Map<String, Group> groups = new LinkedHashMap<>();
    groups.put("throughput", Throughput::rows);
    groups.put("latency", Latency::rows);
    groups.put("memory", Memory::rows);
    groups.put("footprint", Footprint::rows);
    groups.put("promises", Promises::rows);
    groups.put("stalled", Stalled::rows);
    groups.put("shortfall", Shortfall::rows);
    groups.put("capacity", CapacityEstimate::rows);
    groups.put("admin", Admin::rows);
    groups.put("devices", DeviceKinds::rows);
    groups.put("serial", SerialLine::rows);
    groups.put("egd", EgdListeners::rows);
    groups.put("sinks", Sinks::rows);
    groups.put("combine", Combining::rows);
    groups.put("idle-client", IdleClient::rows);
    groups.put("http", Http::rows);
    groups.put("pieces", Microbenchmarks::rows);
    return groups;
  }

  public static void main(String[] args) throws IOException, InterruptedException, RunnerException {
    List<String> wanted = List.of(args).subList(1, args.length);
    List<Row> rows = new ArrayList<>();
    for (Map.Entry<String, Group> group : groups().entrySet()) {
      if (wanted.isEmpty() || wanted.contains(group.getKey())) {
        List<Row> some = group.getValue().rows();
        some.forEach(Benchmarks::print);
        rows.addAll(some);
      }
    }
    Path file = Path.of(args[0]);
    Files.createDirectories(file.getParent());
    JsonMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    mapper.writeValue(file, Map.of("rows", rows));
    System.out.printf("%n%-64s %24s %8s  %s%n", "", "median", "ratio", "goal");
    rows.forEach(Benchmarks::print);
    Path picture = file.resolveSibling("benchmark.svg");
    Files.writeString(picture, new Chart(rows).svg());
    System.out.println("Written to %s and %s".formatted(file, picture));
  }

  private static void print(Row row) {
    System.out.printf(
        "%-64s %24s %8s  %s%s%n",
        row.name(),
        Goal.number(row.median()) + " " + row.unit(),
        row.ratio() == null ? "" : Goal.number(row.ratio()),
        row.goal(),
        row.reached() ? "" : "  NOT REACHED");
  }
}
