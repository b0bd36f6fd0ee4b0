// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netrng.testing.Corpus;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Answers any bytes of a client, split at any positions, like the model. In the first byte of an
 * input, the lowest bit selects the mode, and the whole byte selects the fragments and the entropy
 * between them. The other bytes are the received data.
 */
@Tag("slow")
class EgdConnectionFuzzTest {

  private static final int LARGEST_PIECE = 20;
  private static final int MOST_ENTROPY = 300;

  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);

  static Stream<Named<byte[]>> corpus() {
    return Corpus.of(EgdConnectionFuzzTest.class);
  }

  @MethodSource("corpus")
  @FuzzTest
  void answersAnyBytesLikeTheModel(byte[] input) {
    // given
    if (input.length == 0) {
      return;
    }
    EgdMode mode = (input[0] & 1) == 1 ? EgdMode.QEMU : EgdMode.EGD;
    Random random = new Random(input[0]);
    FakeSupply supply = new FakeSupply(0);
    EgdWire wire = new EgdWire(mode, supply, memory);
    EgdModel model = new EgdModel(mode, 0);

    // when
    for (int from = 1; from < input.length; ) {
      int to = Math.min(input.length, from + 1 + random.nextInt(LARGEST_PIECE));
      wire.receive(input, from, to);
      model.receive(input, from, to);
      from = to;
      int entropy = random.nextInt(MOST_ENTROPY);
      supply.add(entropy);
      model.add(entropy);
    }

    // then
    assertThat(wire.output()).isEqualTo(model.output());
    assertThat(wire.channel().isActive()).isEqualTo(!model.isEnded());
    wire.close();
    assertThat(supply.isClosed()).isTrue();
    assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory())
        .as("bytes of unreleased buffers")
        .isZero();
  }
}
