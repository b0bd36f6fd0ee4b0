package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.source.ReleasedStream;
import io.netrng.server.source.Run;
import io.netrng.server.source.Sources;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OwnedFramesTest {

  private final ReleasedStream stream = Sources.stream(64);

  @AfterEach
  void close() {
    Sources.close(stream);
  }

  private Run run(int samples) {
    Sources.release(stream, samples);
    return Objects.requireNonNull(stream.poll(samples, Long.MAX_VALUE));
  }

  @Test
  void haveTheBytesOfTheRunWithoutACopy() {
    // given
    Run run = run(3);
    ByteBuf frames = run.frames();

    // when
    OwnedFrames owned = new OwnedFrames(run);

    // then
    assertThat(ByteBufUtil.getBytes(owned)).isEqualTo(ByteBufUtil.getBytes(frames));
    assertThat(MemorySegment.ofBuffer(owned.nioBuffer()).address())
        .isEqualTo(MemorySegment.ofBuffer(frames.nioBuffer()).address());
    frames.release();
    owned.release();
  }

  @Test
  void zeroTheRunWithTheLastReferenceAndNotBefore() {
    // given a part of them that is kept, as by a channel that wrote half of it
    Run run = run(3);
    ByteBuf watched = run.frames();
    OwnedFrames owned = new OwnedFrames(run);
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
