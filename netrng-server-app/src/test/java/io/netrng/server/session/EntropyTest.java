// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.source.SampleBatch;
import io.netrng.server.source.SampleBuffer;
import io.netrng.server.source.Sources;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EntropyTest {

  private static final int SAMPLE_SIZE = 64;

  private final SampleBuffer stream = Sources.stream(SAMPLE_SIZE);
  private final List<String> released = new ArrayList<>();

  @AfterEach
  void close() {
    Sources.close(stream);
  }

  private SampleBatch batch(int samples) {
    Sources.release(stream, samples);
    return Objects.requireNonNull(stream.poll(samples, Long.MAX_VALUE));
  }

  private Entropy entropy(SampleBatch batch) {
    return new Entropy(batch, () -> released.add("batch"));
  }

  @Test
  void containsTheSamplesInOrderWithoutTheHeadersOfTheirFrames() {
    // given
    SampleBatch batch = batch(3);
    ByteBuf samples = Unpooled.buffer();
    for (int i = 0; i < 3; i++) {
      ByteBuf sample = batch.entropy(i);
      samples.writeBytes(sample);
      sample.release();
    }

    // when
    Entropy entropy = entropy(batch);

    // then
    assertThat(ByteBufUtil.getBytes(entropy)).isEqualTo(ByteBufUtil.getBytes(samples));
    entropy.release();
  }

  @Test
  void givesPartsWithTheirPlacesInTheStream() {
    // given
    SampleBatch first = batch(1);
    Entropy entropy = entropy(batch(2));
    byte[] all = ByteBufUtil.getBytes(entropy);

    // when
    Entropy.Part small = entropy.take(10);
    Entropy.Part rest = entropy.take(entropy.readableBytes());

    // then
    assertThat(small.offset()).isEqualTo(SAMPLE_SIZE);
    assertThat(rest.offset()).isEqualTo(SAMPLE_SIZE + 10);
    assertThat(ByteBufUtil.getBytes(small)).isEqualTo(Arrays.copyOf(all, 10));
    assertThat(ByteBufUtil.getBytes(rest)).isEqualTo(Arrays.copyOfRange(all, 10, 2 * SAMPLE_SIZE));
    List.of(small, rest, entropy).forEach(ByteBuf::release);
    first.release();
  }

  @Test
  void zeroesAPartWithItsLastReferenceAndTheBatchWithTheLastPart() {
    // given
    SampleBatch batch = batch(2);
    ByteBuf watched = batch.frames();
    Entropy entropy = entropy(batch);
    Entropy.Part part = entropy.take(SAMPLE_SIZE);
    ByteBuf unwritten = part.retainedSlice(0, 10);

    // when, then
    part.release();
    assertThat(ByteBufUtil.getBytes(watched, 0, SAMPLE_SIZE)).doesNotContain(0);
    unwritten.release();
    assertThat(ByteBufUtil.getBytes(watched, 0, SAMPLE_SIZE)).containsOnly(0);
    assertThat(ByteBufUtil.getBytes(watched, SAMPLE_SIZE, SAMPLE_SIZE)).doesNotContain(0);
    assertThat(released).isEmpty();
    entropy.release();
    assertThat(ByteBufUtil.getBytes(watched)).containsOnly(0);
    assertThat(released).containsExactly("batch");
    watched.release();
  }
}
