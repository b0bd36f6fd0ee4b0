// SPDX-License-Identifier: Apache-2.0
package io.netrng.protocol;

import static io.netrng.protocol.Wire.decode;
import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.testing.Leaks;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class FrameCodecPropertiesTest {

  private static final long MAX_U32 = 0xffff_ffffL;

  @BeforeContainer
  static void watchLeaks() {
    Leaks.watch();
  }

  @AfterContainer
  static void nothingWasLost() {
    Leaks.assertNone();
  }

  @Property(tries = 300)
  void decodesClientFramesFromAnyChunks(
      @ForAll("clientFrames") List<ClientFrame> frames, @ForAll("chunks") List<Integer> chunks) {
    assertThat(decode(FrameDecoder.ofClientFrames(), encodeAll(frames), chunks)).isEqualTo(frames);
  }

  @Property(tries = 300)
  void decodesServerFramesFromAnyChunks(
      @ForAll("serverFrames") List<ServerFrame> frames, @ForAll("chunks") List<Integer> chunks) {
    // given copies of the samples for the comparison, because the encoder takes ownership
    List<Frame> expected = new ArrayList<>();
    for (ServerFrame frame : frames) {
      expected.add(
          frame instanceof ServerFrame.Sample sample
              ? new ServerFrame.Sample(sample.offset(), sample.entropy().copy())
              : frame);
    }

    // when
    List<Frame> decoded = decode(FrameDecoder.ofServerFrames(), encodeAll(frames), chunks);

    // then
    assertThat(decoded).isEqualTo(expected);
  }

  @Property(tries = 500)
  void randomBytesThrowNothingAndAtMostTheLastFrameIsMalformed(
      @ForAll boolean ofServers,
      @ForAll @Size(max = 600) byte[] bytes,
      @ForAll("chunks") List<Integer> chunks) {
    onlyTheLastIsMalformed(decode(decoder(ofServers), bytes, chunks));
  }

  @Property(tries = 500)
  void aChangedByteThrowsNothingAndAtMostTheLastFrameIsMalformed(
      @ForAll boolean ofServers,
      @ForAll("clientFrames") List<ClientFrame> clientFrames,
      @ForAll("serverFrames") List<ServerFrame> serverFrames,
      @ForAll @IntRange(max = 1_000_000) int position,
      @ForAll byte value,
      @ForAll("chunks") List<Integer> chunks) {
    // given
    byte[] bytes = encodeAll(ofServers ? serverFrames : clientFrames);
    if (bytes.length > 0) {
      bytes[position % bytes.length] = value;
    }

    // when, then
    onlyTheLastIsMalformed(decode(decoder(ofServers), bytes, chunks));
  }

  private static void onlyTheLastIsMalformed(List<Frame> frames) {
    for (int i = 0; i < frames.size() - 1; i++) {
      assertThat(frames.get(i))
          .isNotInstanceOfAny(ClientFrame.Malformed.class, ServerFrame.Malformed.class);
    }
  }

  private static FrameDecoder decoder(boolean ofServers) {
    return ofServers ? FrameDecoder.ofServerFrames() : FrameDecoder.ofClientFrames();
  }

  private static byte[] encodeAll(List<? extends Frame> frames) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    frames.forEach(frame -> bytes.writeBytes(Wire.encode(frame)));
    return bytes.toByteArray();
  }

  @Provide
  Arbitrary<List<Integer>> chunks() {
    return Arbitraries.oneOf(
            Arbitraries.integers().between(0, 20), Arbitraries.integers().between(1, 3_000))
        .list()
        .ofMaxSize(40);
  }

  @Provide
  Arbitrary<List<ClientFrame>> clientFrames() {
    Arbitrary<ClientFrame> hello =
        Combinators.combine(
                u32(0),
                Arbitraries.strings()
                    .withCharRange('a', 'z')
                    .withCharRange('A', 'Z')
                    .withCharRange('0', '9')
                    .withChars('.', '_', '-')
                    .ofMinLength(1)
                    .ofMaxLength(64))
            .as(ClientFrame.Hello::new);
    Arbitrary<ClientFrame> request = u32(1).map(ClientFrame.Request::new);
    Arbitrary<ClientFrame> ping = Arbitraries.longs().map(ClientFrame.Ping::new);
    Arbitrary<ClientFrame> bye = Arbitraries.create(ClientFrame.Bye::new);
    return Arbitraries.oneOf(hello, request, ping, bye).list().ofMaxSize(12);
  }

  @Provide
  Arbitrary<List<ServerFrame>> serverFrames() {
    Arbitrary<UUID> epochs =
        Combinators.combine(Arbitraries.longs(), Arbitraries.longs()).as(UUID::new);
    Arbitrary<ServerFrame> welcome =
        Combinators.combine(Arbitraries.longs(), epochs, u32(0), u32(0), u32(0))
            .as(ServerFrame.Welcome::new);
    Arbitrary<ServerFrame> sample =
        Combinators.combine(
                Arbitraries.longs(), Arbitraries.bytes().array(byte[].class).ofMinSize(16))
            .as((offset, bytes) -> new ServerFrame.Sample(offset, Unpooled.copiedBuffer(bytes)));
    Arbitrary<ServerFrame> pong = Arbitraries.longs().map(ServerFrame.Pong::new);
    Arbitrary<ServerFrame> close =
        Combinators.combine(
                Arbitraries.of(CloseCode.values()),
                u32(0),
                Arbitraries.strings().withCharRange(' ', '\ud7ff').ofMaxLength(300))
            .as(ServerFrame.Close::new);
    return Arbitraries.oneOf(welcome, sample, pong, close).list().ofMaxSize(12);
  }

  private static Arbitrary<Long> u32(long least) {
    return Arbitraries.longs().between(least, MAX_U32);
  }
}
