// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.source.SampleBatch;
import io.netrng.server.source.SampleBuffer;
import io.netrng.server.source.Sources;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OwnedFramesTest {

  private final SampleBuffer stream = Sources.stream(64);

  @AfterEach
  void close() {
    Sources.close(stream);
  }

  private SampleBatch batch(int samples) {
    Sources.release(stream, samples);
    return Objects.requireNonNull(stream.poll(samples, Long.MAX_VALUE));
  }

  @Test
  void sharesTheMemoryOfTheBatchWithoutACopy() {
    // given
    SampleBatch batch = batch(3);
    ByteBuf frames = batch.frames();

    // when
    OwnedFrames owned = new OwnedFrames(batch);

    // then
    assertThat(ByteBufUtil.getBytes(owned)).isEqualTo(ByteBufUtil.getBytes(frames));
    assertThat(MemorySegment.ofBuffer(owned.nioBuffer()).address())
        .isEqualTo(MemorySegment.ofBuffer(frames.nioBuffer()).address());
    frames.release();
    owned.release();
  }

  @Test
  void zeroesTheBatchOnlyWhenTheLastReferenceIsReleased() {
    // given a retained part of the frames, as in a channel that has written half of them
    SampleBatch batch = batch(3);
    ByteBuf watched = batch.frames();
    OwnedFrames owned = new OwnedFrames(batch);
    ByteBuf rest = owned.retainedSlice(100, 50);

    // when, then
    owned.release();
    assertThat(ByteBufUtil.getBytes(rest)).doesNotContain(0);
    rest.release();
    assertThat(ByteBufUtil.getBytes(watched)).containsOnly(0);
    assertThat(watched.refCnt()).isEqualTo(1);
    watched.release();
  }
}
