// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.source.SampleBatch;
import io.netrng.server.source.SampleBuffer;
import io.netrng.server.source.Sources;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The batches of these tests have three samples of 16 bytes with the value 1. */
class CapturedBatchTest {

  private static final int SIZE = 16;

  private final List<SampleBatch> released = new ArrayList<>();

  private static SampleBatch batch() {
    SampleBuffer stream = Sources.stream(SIZE);
    Sources.release(stream, 3);
    return Objects.requireNonNull(stream.poll(3, Long.MAX_VALUE));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, SIZE - 1, SIZE, SIZE + 1, 3 * SIZE})
  void containsOnlyTheEntropyUpToTheRequestedLength(int length) {
    byte[] ones = new byte[length];
    Arrays.fill(ones, (byte) 1);
    CapturedBatch captured = new CapturedBatch(batch(), length, released::add);
    assertThat(ByteBufUtil.getBytes(captured)).isEqualTo(ones);
    captured.release();
  }

  @Test
  void sharesTheMemoryOfTheBatchWithoutACopy() {
    SampleBatch batch = batch();
    ByteBuf frames = batch.frames();
    CapturedBatch captured = new CapturedBatch(batch, 3 * SIZE, released::add);
    assertThat(captured.numComponents()).isEqualTo(3);
    assertThat(captured.component(2).memoryAddress())
        .isBetween(frames.memoryAddress(), frames.memoryAddress() + frames.readableBytes());
    frames.release();
    captured.release();
  }

  @Test
  void zeroesTheWholeBatchOnlyWhenItsLastReferenceIsReleased() {
    // given a capture that requires only a part of the batch
    SampleBatch batch = batch();
    ByteBuf frames = batch.frames();
    ByteBuffer memory = frames.nioBuffer();
    byte[] bytes = new byte[memory.remaining()];
    CapturedBatch captured = new CapturedBatch(batch, 1, released::add);

    // when one of two holders releases it
    captured.retain().release();

    // then
    memory.get(0, bytes);
    assertThat(bytes).contains(1);
    assertThat(released).isEmpty();

    // when the other holder also releases it
    captured.release();

    // then
    memory.get(0, bytes);
    assertThat(bytes).containsOnly(0);
    assertThat(released).containsExactly(batch);
    frames.release();
    assertThat(frames.refCnt()).isZero();
  }
}
