// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import io.netrng.server.conditioning.Sha512;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Bytes per second that one core conditions, counted after the conditioning, and the same digests
 * of arrays on the heap by the JDK. The server wipes the context once for each batch.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ConditioningBenchmark {

  private static final int DIGESTS = 100;
  private static final int OUTPUT_SIZE = DIGESTS * Sha512.SIZE;

  /** Bits of min-entropy claimed for each byte. */
  @Param({"7.9", "4", "1"})
  public double minEntropy;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment result = arena.allocate(Sha512.SIZE);
  private final Sha512 sha512 = new Sha512();
  private final MessageDigest jdk;
  private final byte[] resultOfJdk = new byte[Sha512.SIZE];
  private int inputSize;
  private byte[] bytes = {};
  private MemorySegment input = MemorySegment.NULL;

  public ConditioningBenchmark() {
    try {
      jdk = MessageDigest.getInstance("SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Setup
  public void fill() {
    inputSize = (int) Math.ceil((8 * Sha512.SIZE + 64) / minEntropy);
    bytes = new byte[DIGESTS * inputSize];
    new SplittableRandom(1).nextBytes(bytes);
    input = arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
  }

  @TearDown
  public void free() {
    sha512.close();
    arena.close();
  }

  @Benchmark
  @OperationsPerInvocation(OUTPUT_SIZE)
  public MemorySegment condition() {
    for (int i = 0; i < DIGESTS; i++) {
      sha512.update(input.asSlice((long) i * inputSize, inputSize));
      sha512.finish(result);
    }
    sha512.wipe();
    return result;
  }

  @Benchmark
  @OperationsPerInvocation(OUTPUT_SIZE)
  public byte[] digestByJdk() throws DigestException {
    for (int i = 0; i < DIGESTS; i++) {
      jdk.update(bytes, i * inputSize, inputSize);
      jdk.digest(resultOfJdk, 0, Sha512.SIZE);
    }
    return resultOfJdk;
  }
}
