// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import io.netrng.server.healthtest.Cutoffs;
import io.netrng.server.healthtest.HealthTests;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Bytes per second that one core passes through the health tests and all their checks. The input is
 * reads of 64 KiB in the layout of samples of 2 KiB, with space for headers between them.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HealthTestsBenchmark {

  private static final int SAMPLES = 32;
  private static final int SAMPLE_SIZE = 2_048;
  private static final int FRAME_SIZE = SAMPLE_SIZE + 13;
  private static final int SAMPLES_SIZE = SAMPLES * SAMPLE_SIZE;

  private final HealthTests tests = new HealthTests(Cutoffs.of(40, 8), 1);
  private final ByteBuffer[] samples = new ByteBuffer[SAMPLES];
  private final long[] counters = new long[SAMPLES * SAMPLE_SIZE / HealthTests.WINDOW_SIZE];

  public HealthTestsBenchmark() {
    ByteBuffer slab = ByteBuffer.allocateDirect(SAMPLES * FRAME_SIZE);
    SplittableRandom random = new SplittableRandom(1);
    byte[] bytes = new byte[SAMPLE_SIZE];
    for (int i = 0; i < SAMPLES; i++) {
      random.nextBytes(bytes);
      samples[i] = slab.slice(i * FRAME_SIZE + 13, SAMPLE_SIZE).order(ByteOrder.nativeOrder());
      samples[i].put(0, bytes);
    }
    for (int i = 0; i < counters.length; i++) {
      counters[i] = random.nextLong();
    }
  }

  @Benchmark
  @OperationsPerInvocation(SAMPLES_SIZE)
  public long test() {
    for (int i = 0; i < SAMPLES; i++) {
      // Each window differs from all before it: eight bytes of each are new.
      for (int from = 0; from < SAMPLE_SIZE; from += HealthTests.WINDOW_SIZE) {
        int window = i * (SAMPLE_SIZE / HealthTests.WINDOW_SIZE) + from / HealthTests.WINDOW_SIZE;
        counters[window] += 0x9e37_79b9_7f4a_7c15L;
        samples[i].putLong(from, counters[window]);
      }
      if (tests.test(samples[i], 0, SAMPLE_SIZE) != null) {
        throw new IllegalStateException("chance does that once in thousands of runs");
      }
    }
    tests.endRead();
    return tests.windows();
  }
}
