package io.netrng.bench;

import io.netrng.server.distribution.FairQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Samples that the fair queue gives out on one core, all clients wanting more all the time. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FairQueueBenchmark {

  private static final int SAMPLE_SIZE = 2_048;
  private static final int DIFFERENT_WEIGHTS = 64;

  /** Active clients. */
  @Param({"100", "10000"})
  public int clients;

  private FairQueue<Integer> queue = new FairQueue<>();

  @Setup
  public void activateAll() {
    queue = new FairQueue<>();
    for (int i = 0; i < clients; i++) {
      queue.activate(queue.newFlow(i, 64.0 * (1 + i % DIFFERENT_WEIGHTS), SAMPLE_SIZE));
    }
  }

  @Benchmark
  public FairQueue.@Nullable Flow<Integer> pick() {
    FairQueue.@Nullable Flow<Integer> head = queue.head();
    queue.serveHead(SAMPLE_SIZE, true);
    return head;
  }
}
