// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import io.netrng.server.distribution.FairQueue;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Samples per second that the fair queue selects on one core, with unlimited demand of all clients.
 */
@State(Scope.Benchmark)
public class FairQueueBenchmark {

  private static final int SAMPLE_SIZE = 2_048;
  private static final int DIFFERENT_WEIGHTS = 64;

  /** Active clients. */
  @Param({"100", "10000"})
  public int clients;

  private FairQueue<Integer> queue = new FairQueue<>(SAMPLE_SIZE);

  @Setup
  public void activateAll() {
    queue = new FairQueue<>(SAMPLE_SIZE);
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
