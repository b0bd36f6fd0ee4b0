// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static io.netrng.server.source.Sources.entropyOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SampleBatchTest {

  private static final int SIZE = 32;

  private static byte[] bytes(int from, int to) {
    byte[] bytes = new byte[to - from];
    for (int i = from; i < to; i++) {
      bytes[i - from] = (byte) (i + 1);
    }
    return bytes;
  }

  private static Slab slab(int samples, int filled) {
    Slab slab = new Slab(samples, SIZE);
    Sources.fill(slab, new Sources.Bytes(bytes(0, filled)));
    return slab;
  }

  @Nested
  class ARunThatIsSplit {

    @Test
    void splitsIntoAHeadAndATailThatTogetherEqualTheWhole() {
      // given
      SampleBatch whole = slab(5, 5 * SIZE).toBatch().placeAt(1_000);

      // when
      SampleBatch head = whole.head(2);
      SampleBatch tail = whole.tail(2);

      // then
      assertThat(head.offset()).isEqualTo(1_000);
      assertThat(head.samples()).isEqualTo(2);
      assertThat(head.size()).isEqualTo(2 * SIZE);
      assertThat(entropyOf(head)).isEqualTo(bytes(0, 2 * SIZE));
      assertThat(tail.offset()).isEqualTo(1_000 + 2 * SIZE);
      assertThat(tail.samples()).isEqualTo(3);
      assertThat(entropyOf(tail)).isEqualTo(bytes(2 * SIZE, 5 * SIZE));
      head.release();
      tail.release();
    }

    @Test
    void releaseOfAPartZeroesOnlyThatPart() {
      // given
      SampleBatch whole = slab(4, 4 * SIZE).toBatch();
      SampleBatch head = whole.head(1);
      SampleBatch rest = whole.tail(1);
      SampleBatch middle = rest.head(2);
      SampleBatch last = rest.tail(2);

      // when
      middle.release();

      // then
      assertThat(entropyOf(head)).isEqualTo(bytes(0, SIZE));
      assertThat(entropyOf(last)).isEqualTo(bytes(3 * SIZE, 4 * SIZE));
      head.release();
      assertThat(entropyOf(last)).isEqualTo(bytes(3 * SIZE, 4 * SIZE));
      last.release();
    }
  }

  @Nested
  class ARunThatIsReleased {

    @Test
    void releaseZeroesABatchWhileAWriterHoldsItsFrames() {
      // given
      SampleBatch batch = slab(3, 3 * SIZE).toBatch();
      ByteBuf frames = batch.frames();

      // when
      batch.release();

      // then
      assertThat(ByteBufUtil.getBytes(frames)).containsOnly(0);
      assertThat(frames.refCnt()).isEqualTo(1);
      frames.release();
    }

    /** Returns the memory after the end of a buffer, which belongs to the same slab. */
    @SuppressWarnings("restricted") // No buffer of the test contains the bytes after it.
    private byte[] behind(ByteBuf buffer, int size) {
      long end = MemorySegment.ofBuffer(buffer.nioBuffer()).address() + buffer.readableBytes();
      return MemorySegment.ofAddress(end).reinterpret(size).toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void zeroesTheBytesOfAnIncompleteSample() {
      // given a slab with two and a half samples
      Slab slab = slab(3, 2 * SIZE + SIZE / 2);
      SampleBatch batch = slab.toBatch();
      ByteBuf frames = batch.frames();
      // when, then
      assertThat(batch.samples()).isEqualTo(2);
      assertThat(behind(frames, 13 + SIZE / 2)).endsWith(new byte[SIZE / 2]);
      frames.release();
      batch.release();
    }
  }

  @Test
  void toStringContainsTheOffsetAndSizesAndNoEntropy() {
    // given
    SampleBatch batch = slab(2, 2 * SIZE).toBatch().placeAt(96);

    // when, then
    assertThat(batch).hasToString("SampleBatch[offset=96, samples=2, size=64]");
    batch.release();
  }

  @Nested
  class ARunThatIsASmallPartOfItsSlab {

    @Test
    void compactMovesABatchToItsOwnMemoryAndZeroesTheOldMemory() {
      // given
      SampleBatch whole = slab(10, 10 * SIZE).toBatch().placeAt(1_000);
      SampleBatch head = whole.head(2);
      ByteBuf before = head.frames();

      // when
      SampleBatch moved = head.compact(Long.MAX_VALUE);

      // then
      assertThat(moved.offset()).isEqualTo(1_000);
      assertThat(moved.samples()).isEqualTo(2);
      assertThat(entropyOf(moved)).isEqualTo(bytes(0, 2 * SIZE));
      assertThat(moved.memory()).isLessThan(whole.memory());
      assertThat(ByteBufUtil.getBytes(before)).containsOnly(0);
      before.release();
      moved.release();
      whole.tail(2).release();
    }

    @Test
    void countsTheWholeSlabAsMemoryBeforeCompaction() {
      SampleBatch whole = slab(10, 10 * SIZE).toBatch();
      long memory = whole.memory();
      SampleBatch head = whole.head(2);
      assertThat(memory).isGreaterThanOrEqualTo(10 * (13 + SIZE));
      assertThat(head.memory()).isEqualTo(memory);
      head.release();
      whole.tail(2).release();
    }

    @Test
    void compactReturnsTheSameBatchWithoutFreeMemory() {
      // given an allocator with memory for the slab only
      AtomicInteger left = new AtomicInteger(1);
      ByteBufAllocator scarce =
          new PooledByteBufAllocator(true) {
            @Override
            protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
              if (left.getAndDecrement() == 0) {
                throw new OutOfMemoryError("none is left");
              }
              return super.newDirectBuffer(initialCapacity, maxCapacity);
            }
          };
      Slab slab = new Slab(10, SIZE, scarce);
      Sources.fill(slab, new Sources.Bytes(bytes(0, 10 * SIZE)));
      SampleBatch whole = slab.toBatch();
      SampleBatch head = whole.head(1);

      // when, then
      assertThat(head.compact(Long.MAX_VALUE)).isSameAs(head);
      assertThat(entropyOf(head)).isEqualTo(bytes(0, SIZE));
      head.release();
      whole.tail(1).release();
    }

    @Test
    void aCompactedBatchFitsTheMemoryCalculatedForItsSamples() {
      // given samples of 512 bytes, whose frames of 525 bytes equal no size class of the allocator
      for (int samples = 1; samples < 40; samples++) {
        SampleBatch whole = Sources.slab(40, 512).toBatch();
        long memory = Math.ceilDiv(5L * 525 * samples, 4) + 512;
        assertThat(SampleBatch.samplesIn(memory, 512)).isEqualTo(samples);
        assertThat(SampleBatch.samplesIn(memory - 2, 512)).isEqualTo(samples - 1);

        // when
        SampleBatch moved = whole.head(samples).compact(memory);

        // then
        assertThat(moved.memory()).as("%d samples", samples).isLessThanOrEqualTo(memory);
        whole.tail(samples).release();
        moved.release();
      }
    }
  }
}
