// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleBufferTest {

  private final SampleBuffer stream = new SampleBuffer(64);

  @AfterEach
  void close() {
    stream.close();
  }

  private SampleBatch poll(SampleBuffer from, long most) {
    return Objects.requireNonNull(from.poll(most, Long.MAX_VALUE), "nothing is ready");
  }

  @Test
  void assignsConsecutiveOffsets() {
    // given
    Sources.release(stream, 3);
    Sources.release(stream, 2);

    // when
    List<Long> offsets = new ArrayList<>();
    for (int most : List.of(1, 1, 1, 9)) {
      SampleBatch batch = poll(stream, most);
      offsets.add(batch.offset());
      batch.release();
    }

    // then
    assertThat(offsets).containsExactly(0L, 64L, 128L, 192L);
    assertThat(stream.poll(1, Long.MAX_VALUE)).isNull();
  }

  @Test
  void eachBufferHasADifferentEpoch() {
    assertThat(stream.epoch()).isNotEqualTo(new SampleBuffer(64).epoch());
  }

  @Test
  void pollReturnsAtMostTheRequestedSamplesAndKeepsTheRest() {
    // given
    Sources.release(stream, 5);

    // when
    SampleBatch batch = poll(stream, 2);

    // then
    assertThat(batch.samples()).isEqualTo(2);
    assertThat(stream.readySize()).isEqualTo(3 * 64);
    batch.release();
  }

  @Test
  void pollReturnsAWholeBatchForTheMaximumDemand() {
    // given
    Sources.release(stream, 5);

    // when
    SampleBatch batch = poll(stream, Long.MAX_VALUE);

    // then
    assertThat(batch.samples()).isEqualTo(5);
    batch.release();
  }

  @Test
  void anEmptyPollSignalsDemandUntilDemandEnds() {
    assertThat(stream.wantedFor()).isZero();
    assertThat(stream.poll(1, Long.MAX_VALUE)).isNull();
    assertThat(stream.wantedFor()).isPositive();
    stream.demandEnded();
    assertThat(stream.wantedFor()).isZero();
  }

  @Test
  void notifiesItsListenerOfEveryRelease() {
    // given
    AtomicInteger told = new AtomicInteger();
    stream.onRelease(told::incrementAndGet);

    // when
    Sources.release(stream, 1);
    Sources.release(stream, 4);

    // then
    assertThat(told).hasValue(2);
  }

  @Nested
  class WhenItIsClosed {

    @Test
    void closeDestroysReadySamples() {
      // given
      Sources.release(stream, 2);
      SampleBatch first = poll(stream, 1);
      Sources.release(stream, 1);

      // when
      stream.close();

      // then
      assertThat(stream.readySize()).isZero();
      assertThat(stream.poll(1, Long.MAX_VALUE)).isNull();
      assertThat(Sources.entropyOf(first))
          .as("a batch that was taken no longer belongs to the buffer")
          .containsOnly(1);
      first.release();
    }

    @Test
    void destroysSamplesReleasedAfterClose() {
      // given
      SampleBatch batch = Sources.slab(2, 64).toBatch();
      SampleBatch before = Sources.slab(1, 64).toBatch();
      ByteBuf frames = before.frames();
      stream.close();

      // when
      stream.release(batch);
      before.release();

      // then
      assertThat(stream.poll(1, Long.MAX_VALUE)).isNull();
      assertThat(ByteBufUtil.getBytes(frames)).containsOnly(0);
      frames.release();
    }
  }

  @Nested
  class ItsReader {

    @ParameterizedTest(name = "{0} B samples, wanted {1}: up to {2} B")
    @CsvSource({
      "64, false, 8192",
      "2048, false, 8192",
      "65536, false, 65536",
      "64, true, 524288",
      "2048, true, 524288",
      "65536, true, 524288"
    })
    void readerWaitsAtTheFillLevelAndContinuesWhenHalfIsTaken(
        int sampleSize, boolean wanted, int size) {
      // given
      SampleBuffer of = new SampleBuffer(sampleSize);
      if (wanted) {
        assertThat(of.poll(1, Long.MAX_VALUE)).isNull();
      }
      for (int i = 1; i < size / sampleSize; i++) {
        Sources.release(of, 1);
      }
      Thread thread = Thread.ofPlatform().daemon().unstarted(() -> awaitSpace(of));

      // when one sample is missing, there is space
      awaitSpace(of);
      Sources.release(of, 1);
      thread.start();

      // then
      await("the reader waits").until(() -> thread.getState() == Thread.State.WAITING);
      while (of.readySize() - sampleSize > size / 2) {
        poll(of, 1).release();
      }
      assertThat(thread.getState()).isEqualTo(Thread.State.WAITING);
      poll(of, 1).release();
      await("the reader continues").until(() -> !thread.isAlive());
      of.close();
    }

    @Test
    void readerContinuesWhenDemandBegins() {
      // given
      Sources.release(stream, SampleBuffer.IDLE_SIZE / 64);
      Thread thread = Thread.ofPlatform().daemon().start(() -> awaitSpace(stream));
      await("the reader waits").until(() -> thread.getState() == Thread.State.WAITING);

      // when
      poll(stream, Long.MAX_VALUE).release();
      assertThat(stream.poll(1, Long.MAX_VALUE)).isNull();

      // then
      await("the reader continues").until(() -> !thread.isAlive());
    }

    private void awaitSpace(SampleBuffer of) {
      try {
        of.awaitSpace(() -> false);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
