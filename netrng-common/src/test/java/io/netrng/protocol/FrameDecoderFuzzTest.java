// SPDX-License-Identifier: Apache-2.0
package io.netrng.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netrng.testing.Corpus;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes, cut anywhere, from either side. The first byte of an input chooses the side by its
 * lowest bit and the pieces by all of it; the others are what comes over the wire.
 */
@Tag("slow")
class FrameDecoderFuzzTest {

  private static final int LARGEST_PIECE = 20;
  private static final char REPLACEMENT = '\ufffd';

  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);

  static Stream<Named<byte[]>> corpus() {
    return Corpus.of(FrameDecoderFuzzTest.class);
  }

  @MethodSource("corpus")
  @FuzzTest
  void decodesAnyBytesIntoFramesFollowedByAtMostOneMalformedFrame(byte[] input) {
    // given
    if (input.length == 0) {
      return;
    }
    boolean ofServers = (input[0] & 1) == 1;
    byte[] bytes = Arrays.copyOfRange(input, 1, input.length);

    // when, the whole last: of what was compared, the fuzzer remembers what came last
    List<Frame> byteByByte = decode(ofServers, bytes, Collections.nCopies(bytes.length, 1));
    List<Frame> inPieces = decode(ofServers, bytes, pieces(input[0], bytes.length));
    List<Frame> frames = decode(ofServers, bytes, List.of());

    // then
    assertThat(byteByByte).isEqualTo(frames);
    assertThat(inPieces).isEqualTo(frames);
    encodeBackTo(bytes, frames, ofServers);
    assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory())
        .as("bytes of buffers that were not released")
        .isZero();
  }

  /** Frames that stand in the bytes one behind the other, up to where they are not whole. */
  private void encodeBackTo(byte[] bytes, List<Frame> frames, boolean ofServers) {
    int from = 0;
    for (Frame frame : frames) {
      if (isMalformed(frame)) {
        assertThat(frame).as("nothing comes after it").isSameAs(frames.getLast());
        return;
      }
      int to = from + Integer.BYTES + length(bytes, from);
      byte[] encoded = Wire.encode(frame);
      if (isLossy(frame)) {
        assertThat(decode(ofServers, encoded, List.of())).containsExactly(frame);
      } else {
        assertThat(encoded).isEqualTo(Arrays.copyOfRange(bytes, from, to));
      }
      from = to;
    }
    int rest = bytes.length - from;
    assertThat(rest < Integer.BYTES || rest < Integer.BYTES + length(bytes, from))
        .as("what is left is not a whole frame")
        .isTrue();
  }

  private static boolean isMalformed(Frame frame) {
    return frame instanceof ClientFrame.Malformed || frame instanceof ServerFrame.Malformed;
  }

  /** A reason is for people: what is not UTF-8 in it is replaced, and the CLOSE still holds. */
  private static boolean isLossy(Frame frame) {
    return frame instanceof ServerFrame.Close close && close.reason().indexOf(REPLACEMENT) >= 0;
  }

  private static int length(byte[] bytes, int from) {
    return ByteBuffer.wrap(bytes).getInt(from);
  }

  private static List<Integer> pieces(byte seed, int length) {
    return new Random(seed).ints(length, 0, LARGEST_PIECE + 1).boxed().toList();
  }

  private List<Frame> decode(boolean ofServers, byte[] bytes, List<Integer> pieces) {
    FrameDecoder decoder =
        ofServers ? FrameDecoder.ofServerFrames() : FrameDecoder.ofClientFrames();
    return Wire.decode(decoder, bytes, pieces, memory);
  }
}
