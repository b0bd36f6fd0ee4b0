// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import static io.netrng.server.healthtest.ByteCounts.BLOCK_SIZE;
import static io.netrng.server.healthtest.ByteCounts.LEAST_SIZE;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The figures describe the last whole block, independently of the division into reads. */
class ByteCountsPropertiesTest {

  private static EntropyEstimate naive(byte[] bytes) {
    int blocks = bytes.length / BLOCK_SIZE;
    if (blocks == 0 && bytes.length < LEAST_SIZE) {
      return EntropyEstimate.UNKNOWN;
    }
    int[] counts = new int[256];
    int from = blocks == 0 ? 0 : (blocks - 1) * BLOCK_SIZE;
    int to = blocks == 0 ? bytes.length : blocks * BLOCK_SIZE;
    for (byte b : Arrays.copyOfRange(bytes, from, to)) {
      counts[b & 0xff]++;
    }
    return EntropyEstimate.of(counts);
  }

  /** Some values are more frequent than others, increasingly over time. */
  private static byte[] bytes(Random random, int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) random.nextInt(256 - 200 * (i / BLOCK_SIZE) / 4);
    }
    return bytes;
  }

  @Property(tries = 50)
  void estimateEqualsThatOfANaiveCountForAnyPieces(
      @ForAll long seed,
      @ForAll @IntRange(max = 3_100_000) int size,
      @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 70_000) Integer> pieces) {
    byte[] bytes = bytes(new Random(seed), size);
    ByteCounts counts = new ByteCounts();
    int next = 0;
    for (int i = 0; next < size; i++) {
      int length = Math.min(pieces.get(i % pieces.size()), size - next);
      counts.add(ByteBuffer.wrap(bytes), next, length);
      next += length;
    }
    assertThat(counts.figures()).isEqualTo(naive(bytes));
  }

  @Example
  void providesAnEstimateFrom10000BytesAndThenForEachMillionBytes() {
    ByteCounts counts = new ByteCounts();
    ByteBuffer zeroes = ByteBuffer.allocate(BLOCK_SIZE);
    byte[] random = bytes(new Random(1), BLOCK_SIZE);

    counts.add(ByteBuffer.wrap(random), 0, LEAST_SIZE - 1);
    assertThat(counts.figures()).isEqualTo(EntropyEstimate.UNKNOWN);
    counts.add(ByteBuffer.wrap(random), LEAST_SIZE - 1, 1);
    assertThat(counts.figures()).isEqualTo(naive(Arrays.copyOf(random, LEAST_SIZE)));
    counts.add(ByteBuffer.wrap(random), LEAST_SIZE, BLOCK_SIZE - LEAST_SIZE);
    EntropyEstimate ofBlock = counts.figures();
    assertThat(ofBlock).isEqualTo(naive(random));

    counts.add(zeroes, 0, BLOCK_SIZE - 1);
    assertThat(counts.figures()).isEqualTo(ofBlock);
    counts.add(zeroes, 0, 1);
    assertThat(counts.figures()).isEqualTo(new EntropyEstimate(0, 0, -0.5));
  }
}
