// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Measures parts of the apps on one core with JMH. */
final class Microbenchmarks {

  /** Every byte is zeroed once; this must not cost a tenth of the time to send it. */
  private static final Goal ZEROING = Goal.atLeast(10e9);

  /** With samples of 2 KiB this is 2 GB/s, more than one connection carries. */
  private static final Goal CODEC = Goal.atLeast(1_000_000);

  private static final Goal FAIR_QUEUE = Goal.atLeast(3_000_000);

  /** At most 0.5 ns per byte. */
  private static final Goal HEALTH_TESTS = Goal.atLeast(2e9);

  /**
   * With half the speed of the JDK, conditioning is still far faster than any conditioned device.
   */
  private static final Goal CONDITIONING = Goal.atLeast(0.5);

  private static final List<Piece> PIECES =
      List.of(
          new Piece(
              FairQueueBenchmark.class,
              "pick",
              "fair queue, %s active clients",
              "samples/s",
              FAIR_QUEUE),
          new Piece(
              CodecBenchmark.class, "decodeRequests", "codec, REQUEST read", "frames/s", CODEC),
          new Piece(CodecBenchmark.class, "encodePongs", "codec, PONG written", "frames/s", CODEC),
          new Piece(
              CodecBenchmark.class,
              "decodeSamples",
              "codec, SAMPLE of 2 KiB read",
              "frames/s",
              CODEC),
          new Piece(
              HealthTestsBenchmark.class,
              "test",
              "health tests with all guards, windows of 512 B",
              "B/s",
              HEALTH_TESTS),
          new Piece(ZeroingBenchmark.class, "zero", "zeroing, runs of 64 KiB", "B/s", ZEROING));

  private Microbenchmarks() {}

  /**
   * One benchmark.
   *
   * @param name the name of its row; includes the number of clients if it runs with several numbers
   */
  private record Piece(Class<?> benchmark, String method, String name, String unit, Goal goal) {

    List<Row> rows() throws RunnerException {
      return results(benchmark, method).stream().map(this::row).toList();
    }

    private Row row(RunResult result) {
      return Row.alone(
          name.formatted(result.getParams().getParam("clients")), unit, scores(result), goal);
    }
  }

  private static Collection<RunResult> results(Class<?> benchmark, String method)
      throws RunnerException {
    Options options =
        new OptionsBuilder()
            .include(benchmark.getName() + "\\." + method + "$")
            .mode(Mode.Throughput)
            .timeUnit(TimeUnit.SECONDS)
            .forks(1)
            .warmupIterations(3)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(5)
            .measurementTime(TimeValue.seconds(1))
            .verbosity(VerboseMode.SILENT)
            .build();
    return new Runner(options).run();
  }

  private static List<Double> scores(RunResult result) {
    return result.getBenchmarkResults().stream()
        .flatMap(fork -> fork.getIterationResults().stream())
        .map(iteration -> iteration.getPrimaryResult().getScore())
        .toList();
  }

  /** Conditioning compared with the JDK, for each claim. */
  private static List<Row> conditioning() throws RunnerException {
    Map<String, RunResult> byJdk =
        results(ConditioningBenchmark.class, "digestByJdk").stream()
            .collect(Collectors.toMap(Microbenchmarks::claim, Function.identity()));
    return results(ConditioningBenchmark.class, "condition").stream()
        .map(result ->
            Row.beside(
                "conditioning, H = %s".formatted(claim(result)),
                "B/s",
                scores(result),
                "the JDK's SHA-512",
                scores(Objects.requireNonNull(byJdk.get(claim(result)))),
                CONDITIONING))
        .toList();
  }

  private static String claim(RunResult result) {
    return result.getParams().getParam("minEntropy");
  }

  static List<Row> rows() throws RunnerException {
    List<Row> rows = new ArrayList<>();
    for (Piece piece : PIECES) {
      rows.addAll(piece.rows());
    }
    rows.addAll(conditioning());
    return rows;
  }
}
