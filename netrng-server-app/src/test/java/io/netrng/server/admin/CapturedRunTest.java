package io.netrng.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.source.ReleasedStream;
import io.netrng.server.source.Run;
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

/** The runs of these tests have three samples of 16 bytes, whose bytes are all 1. */
class CapturedRunTest {

  private static final int SIZE = 16;

  private final List<Run> released = new ArrayList<>();

  private static Run run() {
    ReleasedStream stream = Sources.stream(SIZE);
    Sources.release(stream, 3);
    return Objects.requireNonNull(stream.poll(3, Long.MAX_VALUE));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, SIZE - 1, SIZE, SIZE + 1, 3 * SIZE})
  void isTheEntropyAloneAsFarAsItIsWanted(int length) {
    byte[] ones = new byte[length];
    Arrays.fill(ones, (byte) 1);
    CapturedRun captured = new CapturedRun(run(), length, released::add);
    assertThat(ByteBufUtil.getBytes(captured)).isEqualTo(ones);
    captured.release();
  }

  @Test
  void isInTheMemoryThatTheDeviceWasReadInto() {
    Run run = run();
    ByteBuf frames = run.frames();
    CapturedRun captured = new CapturedRun(run, 3 * SIZE, released::add);
    assertThat(captured.numComponents()).isEqualTo(3);
    assertThat(captured.component(2).memoryAddress())
        .isBetween(frames.memoryAddress(), frames.memoryAddress() + frames.readableBytes());
    frames.release();
    captured.release();
  }

  @Test
  void isZeroedWithAllOfItsRunWhenItsLastReferenceIsGone() {
    // given one of which little is wanted
    Run run = run();
    ByteBuf frames = run.frames();
    ByteBuffer memory = frames.nioBuffer();
    byte[] bytes = new byte[memory.remaining()];
    CapturedRun captured = new CapturedRun(run, 1, released::add);

    // when one of two is done with it
    captured.retain().release();

    // then
    memory.get(0, bytes);
    assertThat(bytes).contains(1);
    assertThat(released).isEmpty();

    // when the other is, too
    captured.release();

    // then
    memory.get(0, bytes);
    assertThat(bytes).containsOnly(0);
    assertThat(released).containsExactly(run);
    frames.release();
    assertThat(frames.refCnt()).isZero();
  }
}
