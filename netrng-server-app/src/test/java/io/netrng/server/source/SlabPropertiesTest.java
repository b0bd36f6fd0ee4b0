// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.testing.Leaks;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class SlabPropertiesTest {

  @BeforeContainer
  static void watchLeaks() {
    Leaks.watch();
  }

  @AfterContainer
  static void nothingWasLost() {
    Leaks.assertNone();
  }

  @Property(tries = 300)
  void slabsFilledInAnyPiecesHoldTheBytesInOrderAndLayThemOutAsFrames(
      @ForAll @IntRange(min = 16, max = 80) int sampleSize,
      @ForAll @IntRange(min = 1, max = 6) int samples,
      @ForAll @IntRange(max = 2_000) int size,
      @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 1, max = 200) Integer> limits,
      @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 1, max = 200) Integer> pieces) {
    // given
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    Sources.Bytes channel = new Sources.Bytes(bytes);
    ByteArrayOutputStream seen = new ByteArrayOutputStream();
    long offset = 0;

    // when the bytes arrive in fragments, and every third read completes its slab regardless of the
    // fill level
    Slab slab = new Slab(samples, sampleSize);
    for (int i = 0; channel.position() < size; i++) {
      channel.giveAtMost(pieces.get(i % pieces.size()));
      int limit = Math.min(limits.get(i % limits.size()), slab.missing());
      int before = slab.missing();
      int read = Sources.readFrom(slab, channel, limit);
      assertThat(read).isBetween(1, limit);
      assertThat(slab.missing()).isEqualTo(before - read);
      if (slab.missing() == 0 || (i % 3 == 0 && slab.whole() > 0)) {
        Slab next = new Slab(samples, sampleSize);
        slab.copyPartTo(next);
        offset = take(slab.toBatch(), offset, sampleSize, seen);
        slab = next;
      }
    }
    if (slab.whole() > 0) {
      take(slab.toBatch(), offset, sampleSize, seen);
    } else {
      slab.destroy();
    }

    // then
    assertThat(seen.toByteArray()).isEqualTo(Arrays.copyOf(bytes, size / sampleSize * sampleSize));
  }

  private static long take(
      SampleBatch whole, long offset, int sampleSize, ByteArrayOutputStream seen) {
    // In two batches if there are two samples. The first is released before the second.
    Deque<SampleBatch> batches = new ArrayDeque<>(List.of(whole));
    long next = takePart(SampleBatch.take(batches, 1).placeAt(offset), offset, sampleSize, seen);
    return batches.isEmpty()
        ? next
        : takePart(batches.remove().placeAt(next), next, sampleSize, seen);
  }

  private static long takePart(
      SampleBatch batch, long offset, int sampleSize, ByteArrayOutputStream seen) {
    assertThat(batch.offset()).isEqualTo(offset);
    ByteBuf frames = batch.frames();
    assertThat(frames.readableBytes()).isEqualTo(batch.samples() * (13 + sampleSize));
    for (int i = 0; i < batch.samples(); i++) {
      assertThat(frames.readInt()).isEqualTo(9 + sampleSize);
      assertThat(frames.readUnsignedByte()).isEqualTo((short) 0x82);
      assertThat(frames.readLong()).isEqualTo(offset + (long) i * sampleSize);
      byte[] entropy = new byte[sampleSize];
      frames.readBytes(entropy);
      seen.writeBytes(entropy);
    }
    frames.release();
    long next = offset + batch.size();
    batch.release();
    return next;
  }
}
