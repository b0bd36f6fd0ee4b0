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
 * Decodes any bytes of either side, split at any positions. In the first byte of an input, the
 * lowest bit selects the side and the whole byte selects the fragmentation. The other bytes are the
 * received data.
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

    // when, with the unsplit input last, because the fuzzer keeps only the latest comparisons
    List<Frame> byteByByte = decode(ofServers, bytes, Collections.nCopies(bytes.length, 1));
    List<Frame> inPieces = decode(ofServers, bytes, pieces(input[0], bytes.length));
    List<Frame> frames = decode(ofServers, bytes, List.of());

    // then
    assertThat(byteByByte).isEqualTo(frames);
    assertThat(inPieces).isEqualTo(frames);
    encodeBackTo(bytes, frames, ofServers);
    assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory())
        .as("bytes of unreleased buffers")
        .isZero();
  }

  /** Compares the encoded frames with the bytes up to the first incomplete frame. */
  private void encodeBackTo(byte[] bytes, List<Frame> frames, boolean ofServers) {
    int from = 0;
    for (Frame frame : frames) {
      if (isMalformed(frame)) {
        assertThat(frame).as("it is the last frame").isSameAs(frames.getLast());
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
        .as("the remaining bytes are an incomplete frame")
        .isTrue();
  }

  private static boolean isMalformed(Frame frame) {
    return frame instanceof ClientFrame.Malformed || frame instanceof ServerFrame.Malformed;
  }

  /**
   * Returns whether decoding loses bytes. In the reason of a CLOSE, the decoder replaces invalid
   * UTF-8 instead of rejecting the frame.
   */
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
