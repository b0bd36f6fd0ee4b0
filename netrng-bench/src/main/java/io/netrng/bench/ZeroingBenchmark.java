// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Bytes per second that one core zeroes, with the method for released sample batches: a slice of
 * pooled off-heap memory through a segment.
 */
@State(Scope.Benchmark)
public class ZeroingBenchmark {

  /** The maximum size of a sample batch, in bytes. */
  private static final int RUN_SIZE = 64 * 1_024;

  private final ByteBuf run = PooledByteBufAllocator.DEFAULT.directBuffer(RUN_SIZE, RUN_SIZE);

  @Benchmark
  @OperationsPerInvocation(RUN_SIZE)
  public ByteBuf zero() {
    MemorySegment.ofBuffer(run.nioBuffer(0, RUN_SIZE)).fill((byte) 0);
    return run;
  }
}
