// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.conditioning.OwnMemory;
import io.netrng.server.conditioning.Sha512;
import io.netrng.testing.Leaks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class ConditionerPropertiesTest {

  private static final int[] SAMPLE_SIZES = {16, 64, 100, 2_048, 65_536};

  private final ZeroingAllocator memory = new ZeroingAllocator();

  @BeforeContainer
  static void watchLeaks() {
    Leaks.watch();
  }

  @AfterContainer
  static void nothingWasLost() {
    Leaks.assertNone();
  }

  /** The digests of consecutive parts of the input, without an incomplete last one. */
  private static byte[] expected(byte[] input, double minEntropy) throws Exception {
    int size = (int) Math.ceil(576 / minEntropy);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    for (int from = 0; from + size <= input.length; from += size) {
      MessageDigest sha512 = MessageDigest.getInstance("SHA-512");
      output.writeBytes(sha512.digest(Arrays.copyOfRange(input, from, from + size)));
    }
    return output.toByteArray();
  }

  private SampleBatch batch(byte[] bytes, int sampleSize) {
    Slab slab = new Slab(bytes.length / sampleSize, sampleSize, memory);
    Sources.fill(slab, new Sources.Bytes(bytes));
    return slab.toBatch();
  }

  private static byte[] bytes(Random random, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Takes the released samples, whose places must be consecutive. */
  private static void takeInto(SampleBuffer stream, ByteArrayOutputStream output) {
    for (SampleBatch batch = stream.poll(Long.MAX_VALUE, Long.MAX_VALUE);
        batch != null;
        batch = stream.poll(Long.MAX_VALUE, Long.MAX_VALUE)) {
      assertThat(batch.offset()).isEqualTo(output.size());
      assertThat(batch.samples()).isLessThanOrEqualTo(Slab.mostSamples(stream.sampleSize()));
      output.writeBytes(Sources.entropyOf(batch));
      batch.release();
    }
  }

  @Property(tries = 200)
  void releasesTheDigestsOfConsecutivePartsAsSoonAsTheyFillASample(
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0.1, max = 8) double minEntropy,
      @ForAll @IntRange(max = 4) int size,
      @ForAll @IntRange(min = 1, max = 12) int batches)
      throws Exception {
    // given
    Random random = new Random(seed);
    int sampleSize = SAMPLE_SIZES[size];
    SampleBuffer stream = new SampleBuffer(sampleSize);
    Conditioner conditioner = new Conditioner(stream, minEntropy, memory);
    ByteArrayOutputStream input = new ByteArrayOutputStream();
    ByteArrayOutputStream output = new ByteArrayOutputStream();

    for (int i = 0; i < batches; i++) {
      // when
      int samples = 1 + random.nextInt(Slab.mostSamples(sampleSize));
      byte[] bytes = bytes(random, (i % 2 == 0 ? 1 : samples) * sampleSize);
      conditioner.take(batch(bytes, sampleSize));
      input.writeBytes(bytes);
      takeInto(stream, output);

      // then
      int digested = input.size() / Conditioning.inputSize(minEntropy) * Sha512.SIZE;
      assertThat(output.size()).isEqualTo(digested / sampleSize * sampleSize);
    }
    assertThat(output.toByteArray())
        .isEqualTo(Arrays.copyOf(expected(input.toByteArray(), minEntropy), output.size()));
    conditioner.destroy();
    takeInto(stream, output);
    memory.assertAllZeroed();
  }

  @Example
  void usesNoByteFromBeforeItsDestruction() throws Exception {
    // given an incomplete input and an incomplete sample
    Random random = new Random(1);
    SampleBuffer stream = new SampleBuffer(100);
    Conditioner conditioner = new Conditioner(stream, 8, memory);
    conditioner.take(batch(bytes(random, 100), 100));
    conditioner.destroy();
    conditioner.destroy();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    takeInto(stream, output);
    assertThat(output.size()).isZero();

    // when
    byte[] after = bytes(random, 200);
    conditioner.take(batch(after, 100));
    takeInto(stream, output);

    // then
    assertThat(output.toByteArray()).isEqualTo(Arrays.copyOf(expected(after, 8), 100));
    conditioner.destroy();
    memory.assertAllZeroed();
  }

  /** Without the wipe, the context could keep a whole input until the next batch. */
  @Example
  void keepsNothingOfADigestedInputBetweenBatches() throws IOException {
    // given three inputs, the last incomplete, that no other memory contains
    int inputSize = Conditioning.inputSize(8);
    SampleBuffer stream = new SampleBuffer(200);
    Conditioner conditioner = new Conditioner(stream, 8, memory);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(200);
      Random random = new Random(2);
      for (int i = 0; i < bytes.byteSize(); i++) {
        bytes.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
      }
      OwnMemory first = new OwnMemory(bytes, 8);
      OwnMemory second = new OwnMemory(bytes, inputSize + 56 - 8);
      OwnMemory third = new OwnMemory(bytes, 2 * inputSize + 8);
      Slab slab = new Slab(1, 200, memory);
      ByteBuffer whole = bytes.asByteBuffer();
      slab.put(whole);
      bytes.fill((byte) 0);

      // when
      conditioner.take(slab.toBatch());

      // then
      assertThat(first.hits()).isZero();
      assertThat(second.hits()).isZero();
      assertThat(third.hits()).as("the incomplete input").isOne();

      // and when
      conditioner.destroy();

      // then
      assertThat(third.hits()).isZero();
    }
    stream.close();
    memory.assertAllZeroed();
  }

  @Example
  void takesTheBytesOfSp80090CForEachOutput() {
    assertThat(Conditioning.inputSize(8)).isEqualTo(72);
    assertThat(Conditioning.inputSize(7.9)).isEqualTo(73);
    assertThat(Conditioning.inputSize(4)).isEqualTo(144);
    assertThat(Conditioning.inputSize(1)).isEqualTo(576);
    assertThat(Conditioning.inputSize(0.1)).isEqualTo(5_760);
    assertThat(Conditioning.outputRatio(4)).isEqualTo(Sha512.SIZE / 144.0);
  }
}
