// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;

/**
 * Processing eight bytes at a time and any division into reads give the same results as byte by
 * byte.
 */
class HealthTestsPropertiesTest {

  private static final int WINDOW_SIZE = HealthTests.WINDOW_SIZE;
  private static final int WINDOWS = 6;

  /** The position of the first failed test, if a test failed. */
  record Verdict(long passed, @Nullable HealthTest failed) {}

  /** Faults of random bytes. */
  private enum Fault {
    NONE,
    FEW_VALUES,
    RUN,
    PROPORTION,
    STUCK_BIT,
    PERIOD,
    REPLAY
  }

  /**
   * A stream of bytes.
   *
   * @param strength the strength of the fault, whose meaning depends on the fault
   * @param begin the begin of the fault, in bytes
   */
  record Stream(long seed, Fault fault, int strength, int begin) {

    byte[] bytes() {
      Random random = new Random(seed);
      byte[] bytes = new byte[WINDOWS * WINDOW_SIZE];
      random.nextBytes(bytes);
      int end = bytes.length;
      switch (fault) {
        case NONE -> {}
        case FEW_VALUES -> {
          for (int i = begin; i < end; i++) {
            bytes[i] = (byte) random.nextInt(1 + strength);
          }
        }
        case RUN -> Arrays.fill(bytes, begin, Math.min(end, begin + strength), bytes[begin]);
        case PROPORTION -> {
          int window = begin / WINDOW_SIZE * WINDOW_SIZE;
          for (int i = 0; i < strength; i++) {
            bytes[window + random.nextInt(WINDOW_SIZE)] = bytes[window];
          }
        }
        case STUCK_BIT -> {
          for (int i = begin; i < end; i++) {
            bytes[i] |= (byte) (1 << strength % 8);
          }
        }
        case PERIOD -> {
          for (int i = begin + 1 + strength; i < end; i++) {
            bytes[i] = bytes[i - 1 - strength];
          }
        }
        case REPLAY -> {
          int window = Math.max(WINDOW_SIZE, begin / WINDOW_SIZE * WINDOW_SIZE);
          int from = random.nextInt(window / WINDOW_SIZE) * WINDOW_SIZE;
          // A window that differs in one bit is not a replay.
          System.arraycopy(bytes, from, bytes, window, WINDOW_SIZE);
          if (strength % 2 == 0) {
            bytes[window + random.nextInt(WINDOW_SIZE)] ^= (byte) (1 << random.nextInt(8));
          }
        }
      }
      return bytes;
    }
  }

  @Provide
  Arbitrary<Stream> streams() {
    return Arbitraries.of(Fault.values())
        .flatMap(fault ->
            Arbitraries.longs()
                .flatMap(seed ->
                    Arbitraries.integers()
                        .between(0, 40)
                        .flatMap(strength ->
                            Arbitraries.integers()
                                .between(0, WINDOWS * WINDOW_SIZE - 1)
                                .map(begin -> new Stream(seed, fault, strength, begin)))));
  }

  @Provide
  Arbitrary<Cutoffs> cutoffs() {
    return Arbitraries.of(20, 30, 40)
        .flatMap(alpha -> Arbitraries.of(8.0, 7.5, 4.0, 1.0).map(h -> Cutoffs.of(alpha, h)));
  }

  @Property(tries = 3_000)
  void verdictEqualsThatOfTheNaiveTestsForAnyPieces(
      @ForAll("streams") Stream stream,
      @ForAll("cutoffs") Cutoffs cutoffs,
      @ForAll long key,
      @ForAll @Size(min = 1, max = 10) List<@IntRange(min = 1, max = 1_500) Integer> pieces) {
    byte[] bytes = stream.bytes();
    assertThat(fast(cutoffs, key, bytes, pieces)).isEqualTo(naive(cutoffs, bytes));
  }

  private static Verdict naive(Cutoffs cutoffs, byte[] bytes) {
    NaiveTests tests = new NaiveTests(cutoffs, bytes);
    for (int window = 0; window < WINDOWS; window++) {
      HealthTest failed = tests.test(window);
      if (failed != null) {
        return new Verdict(window, failed);
      }
    }
    return new Verdict(WINDOWS, null);
  }

  private static Verdict fast(Cutoffs cutoffs, long key, byte[] bytes, List<Integer> pieces) {
    HealthTests tests = new HealthTests(cutoffs, key);
    // Parts at any address with gaps between them, as in samples.
    ByteBuffer memory = ByteBuffer.allocateDirect(1_600).order(ByteOrder.nativeOrder());
    int next = 0;
    for (int i = 0; next < bytes.length; i++) {
      int size = Math.min(pieces.get(i % pieces.size()), bytes.length - next);
      int place = i % 13;
      memory.put(place, bytes, next, size);
      HealthTest failed = tests.test(memory, place, size);
      if (failed != null) {
        return new Verdict(tests.windows(), failed);
      }
      next += size;
    }
    return new Verdict(tests.windows(), null);
  }

  @Property(tries = 500)
  void detectsARunAtAnyPositionFromTheCutoffLengthOn(
      @ForAll long seed,
      @ForAll @IntRange(max = 3 * WINDOW_SIZE - 12) int begin,
      @ForAll @IntRange(min = 1, max = 12) int length) {
    // given no other repetition of three bytes
    byte[] bytes = new byte[WINDOWS * WINDOW_SIZE];
    Random random = new Random(seed);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ((random.nextInt(128) << 1) | (i & 1));
    }
    byte value = (byte) random.nextInt(256);
    Arrays.fill(bytes, begin, begin + length, value);

    // when
    Verdict verdict = fast(Cutoffs.of(40, 8), seed, bytes, List.of(bytes.length / 3));

    // then
    assertThat(verdict).isEqualTo(naive(Cutoffs.of(40, 8), bytes));
    if (length >= 6) {
      assertThat(verdict.failed).isEqualTo(HealthTest.REPETITION_COUNT);
    }
  }
}
