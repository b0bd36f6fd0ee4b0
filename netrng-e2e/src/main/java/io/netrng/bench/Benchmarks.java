package io.netrng.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs every benchmark, prints a table and writes the same as JSON. Started by {@code make bench}
 * in the root of the project; the argument is the file to write.
 */
public final class Benchmarks {

  private Benchmarks() {}

  public static void main(String[] args) throws IOException, InterruptedException, RunnerException {
    List<Row> rows = new ArrayList<>();
    rows.addAll(Throughput.rows());
    rows.addAll(fairQueue());
    Path file = Path.of(args[0]);
    Files.createDirectories(file.getParent());
    JsonMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    mapper.writeValue(file, Map.of("rows", rows));
    System.out.printf("%n%-40s %16s %10s %10s%n", "", "median", "ratio", "goal");
    for (Row row : rows) {
      System.out.printf(
          Locale.ROOT,
          "%-40s %,12.0f %s %10s %10s %s%n",
          row.name(),
          row.median(),
          row.unit(),
          row.ratio() == null ? "" : "%.2f".formatted(row.ratio()),
          row.ratio() == null ? "%,.0f".formatted(row.goal()) : "%.2f".formatted(row.goal()),
          row.reached() ? "" : "NOT REACHED");
    }
    System.out.println("Written to " + file);
  }

  private static List<Row> fairQueue() throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(FairQueueBenchmark.class.getName())
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    return results.stream()
        .map(result ->
            Row.alone(
                "fair queue, %s active clients".formatted(result.getParams().getParam("clients")),
                "samples/s",
                result.getBenchmarkResults().stream()
                    .flatMap(b -> b.getIterationResults().stream())
                    .map(i -> i.getPrimaryResult().getScore())
                    .toList(),
                1_000_000))
        .toList();
  }
}
