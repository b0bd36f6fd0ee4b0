// SPDX-License-Identifier: Apache-2.0
package io.netrng.protocol;

import static io.netrng.protocol.Wire.decode;
import static io.netrng.protocol.Wire.encode;
import static io.netrng.protocol.Wire.hex;
import static io.netrng.protocol.Wire.sample;
import static io.netrng.protocol.Wire.welcome;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.EncoderException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes below follow docs/protocol.md. They are not copied from the encoder's output. */
class FrameCodecTest {

  private static final String LONGEST_LABEL = "x".repeat(64);

  @Nested
  class ClientFrames {

    static Stream<Arguments> vectors() {
      return Stream.of(
          Arguments.of(
              new ClientFrame.Hello(0, "a"), "00000008" + "01" + "01" + "00000000" + "01" + "61"),
          Arguments.of(
              new ClientFrame.Hello(0xffff_ffffL, "Web-1.db_2"),
              "00000011" + "01" + "01" + "ffffffff" + "0a" + "5765622d312e64625f32"),
          Arguments.of(
              new ClientFrame.Hello(64, LONGEST_LABEL),
              "00000047" + "01" + "01" + "00000040" + "40" + "78".repeat(64)),
          Arguments.of(new ClientFrame.Request(1), "00000005" + "02" + "00000001"),
          Arguments.of(new ClientFrame.Request(0xffff_ffffL), "00000005" + "02" + "ffffffff"),
          Arguments.of(
              new ClientFrame.Ping(0x0123456789abcdefL), "00000009" + "03" + "0123456789abcdef"),
          Arguments.of(new ClientFrame.Ping(-1), "00000009" + "03" + "ffffffffffffffff"),
          Arguments.of(new ClientFrame.Bye(), "00000001" + "04"));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void encodesEachFrameAsDefinedInTheProtocol(ClientFrame frame, String bytes) {
      assertThat(encode(frame)).isEqualTo(hex(bytes));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void decodesEachFrameAsDefinedInTheProtocol(ClientFrame frame, String bytes) {
      assertThat(decode(FrameDecoder.ofClientFrames(), hex(bytes))).containsExactly(frame);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void decodesFramesThatArriveByteByByte(ClientFrame frame, String bytes) {
      // given
      byte[] twice = hex(bytes + bytes);

      // when
      List<Frame> frames =
          decode(FrameDecoder.ofClientFrames(), twice, Collections.nCopies(twice.length, 1));

      // then
      assertThat(frames).containsExactly(frame, frame);
    }
  }

  @Nested
  class ServerFrames {

    static Stream<Arguments> vectors() {
      return Stream.of(
          Arguments.of(
              welcome(),
              "00000026"
                  + "81"
                  + "01"
                  + "0102030405060708"
                  + "00112233445566778899aabbccddeeff"
                  + "00000800"
                  + "00000040"
                  + "00002710"),
          Arguments.of(
              new ServerFrame.Sample(
                  0x1122334455667788L,
                  Unpooled.wrappedBuffer(hex("000102030405060708090a0b0c0d0e0f"))),
              "00000019" + "82" + "1122334455667788" + "000102030405060708090a0b0c0d0e0f"),
          Arguments.of(
              new ServerFrame.Pong(0x0123456789abcdefL), "00000009" + "83" + "0123456789abcdef"),
          Arguments.of(
              new ServerFrame.Close(CloseCode.MAX_CLIENTS, 5_000, "full"),
              "0000000b" + "84" + "0002" + "00001388" + "66756c6c"),
          Arguments.of(
              new ServerFrame.Close(CloseCode.TOO_MANY_CONNECTIONS, ServerFrame.Close.NEVER, ""),
              "00000007" + "84" + "000a" + "ffffffff"),
          Arguments.of(
              new ServerFrame.Close(CloseCode.KICKED, 0, "für €"),
              "0000000f" + "84" + "0005" + "00000000" + "66c3bc7220e282ac"));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void areWrittenByteByByteAsTheProtocolSays(ServerFrame frame, String bytes) {
      assertThat(encode(frame)).isEqualTo(hex(bytes));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void areReadAsTheProtocolSays(ServerFrame frame, String bytes) {
      assertThat(decode(FrameDecoder.ofServerFrames(), hex(bytes))).containsExactly(frame);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void areReadWhenTheyComeByteByByte(ServerFrame frame, String bytes) {
      // given
      byte[] twice = hex(bytes + bytes);

      // when
      List<Frame> frames =
          decode(FrameDecoder.ofServerFrames(), twice, Collections.nCopies(twice.length, 1));

      // then
      assertThat(frames).containsExactly(frame, frame);
    }

    @ParameterizedTest
    @EnumSource(CloseCode.class)
    void decodesACloseWithEachCloseCode(CloseCode code) {
      // given
      ServerFrame.Close close = new ServerFrame.Close(code, 1, code.externalName());

      // when
      List<Frame> frames = decode(FrameDecoder.ofServerFrames(), encode(close));

      // then
      assertThat(frames).containsExactly(close);
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 17, 2_048, 65_536})
    void decodesSamplesOfEverySizeThatAClientAccepts(int size) {
      // given
      ServerFrame.Sample sample = sample(1L << 40, size);

      // when
      List<Frame> frames = decode(FrameDecoder.ofServerFrames(), encode(sample(1L << 40, size)));

      // then
      assertThat(frames).containsExactly(sample);
    }

    @Test
    void writesTheSameHeaderForAnEncodedSampleAndForASampleInPlace() {
      // given
      ServerFrame.Sample sample = sample(0xcafe_0000_0000_0001L, 48);
      ByteBuf laidOut = Unpooled.buffer();
      laidOut.writeZero(3 + ServerFrame.Sample.HEADER_SIZE + 48);
      laidOut.setBytes(3 + ServerFrame.Sample.HEADER_SIZE, sample.entropy(), 0, 48);

      // when
      ServerFrame.Sample.writeHeader(laidOut, 3, sample.offset(), 48);

      // then
      byte[] frame = new byte[ServerFrame.Sample.HEADER_SIZE + 48];
      laidOut.getBytes(3, frame);
      assertThat(frame).isEqualTo(encode(sample));
    }

    @Test
    void printsASampleWithoutItsEntropy() {
      assertThat(sample(7, 16)).hasToString("Sample[offset=7, size=16]");
    }
  }

  @Nested
  class InvalidClientFrames {

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void rejectsAMalformedClientFrameAsAProtocolError(String what, String bytes) {
      assertThat(decode(FrameDecoder.ofClientFrames(), hex(bytes)))
          .as(what)
          .singleElement()
          .isInstanceOfSatisfying(
              ClientFrame.Malformed.class,
              malformed -> {
                assertThat(malformed.code()).isEqualTo(CloseCode.PROTOCOL_ERROR);
                assertThat(malformed.reason()).isNotBlank();
              });
    }

    static Stream<Arguments> rejectsAMalformedClientFrameAsAProtocolError() {
      return Stream.of(
          Arguments.of("an empty frame", "00000000"),
          Arguments.of("a length of 1,025", "00000401"),
          Arguments.of("the greatest length", "ffffffff"),
          Arguments.of("a length that is negative as an int", "80000000"),
          Arguments.of("type 00", "00000001 00"),
          Arguments.of("type 05", "00000001 05"),
          Arguments.of("type 7f", "00000001 7f"),
          Arguments.of("type ff", "00000001 ff"),
          Arguments.of("a WELCOME", "00000026 81"),
          Arguments.of("a SAMPLE", "00000019 82"),
          Arguments.of("a PONG", "00000009 83"),
          Arguments.of("a CLOSE", "00000007 84"),
          Arguments.of("a HELLO without a version", "00000001 01"),
          Arguments.of("a HELLO that ends behind its version", "00000002 01 01"),
          Arguments.of("a HELLO without a label", "00000006 01 01 00000000"),
          Arguments.of("a HELLO with an empty label", "00000007 01 01 00000000 00"),
          Arguments.of(
              "a HELLO with a label of 65 bytes", "00000048 01 01 00000000 41" + "78".repeat(65)),
          Arguments.of("a HELLO with a blank in its label", "00000008 01 01 00000000 01 20"),
          Arguments.of("a HELLO with a slash in its label", "00000008 01 01 00000000 01 2f"),
          Arguments.of("a HELLO with a newline in its label", "00000009 01 01 00000000 02 610a"),
          Arguments.of("a HELLO with an umlaut in its label", "00000009 01 01 00000000 02 c3bc"),
          Arguments.of("a HELLO with a NUL in its label", "00000008 01 01 00000000 01 00"),
          Arguments.of("a HELLO with less label than it says", "00000008 01 01 00000000 02 61"),
          Arguments.of("a HELLO with more label than it says", "00000009 01 01 00000000 01 6161"),
          Arguments.of("a REQUEST for 0 samples", "00000005 02 00000000"),
          Arguments.of("a REQUEST without a number", "00000001 02"),
          Arguments.of("a REQUEST that is short", "00000004 02"),
          Arguments.of("a REQUEST that is long", "00000006 02"),
          Arguments.of("a PING without a number", "00000001 03"),
          Arguments.of("a PING that is short", "00000008 03"),
          Arguments.of("a PING that is long", "0000000a 03"),
          Arguments.of("a BYE with a payload", "00000002 04"));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "00000002 01 00",
          "00000002 01 02",
          "00000003 01 02 ff",
          "00000008 01 ff 00000000 01 61",
          "0000000c 01 02 00000000 01 20 00 ff 00 ff"
        })
    void rejectsAHelloOfAnotherVersionAsUnsupportedWithAnyContent(String hello) {
      assertThat(decode(FrameDecoder.ofClientFrames(), hex(hello)))
          .singleElement()
          .isInstanceOfSatisfying(
              ClientFrame.Malformed.class,
              malformed -> {
                assertThat(malformed.code()).isEqualTo(CloseCode.UNSUPPORTED_VERSION);
                assertThat(malformed.reason()).contains("version 1");
              });
    }

    @Test
    void rejectsAHelloOfAnotherVersionAsUnsupportedUpToTheMaximumLength() {
      // given
      byte[] hello = hex("00000400 01 02" + "aa".repeat(1_022));

      // when
      List<Frame> frames = decode(FrameDecoder.ofClientFrames(), hello);

      // then
      assertThat(frames)
          .singleElement()
          .isInstanceOfSatisfying(
              ClientFrame.Malformed.class,
              m -> assertThat(m.code()).isEqualTo(CloseCode.UNSUPPORTED_VERSION));
    }

    @Test
    void ignoresAllBytesAfterAMalformedFrame() {
      // given
      byte[] errorThenBye = hex("00000000" + "00000001 04" + "00000001 04");

      // when
      List<Frame> frames =
          decode(
              FrameDecoder.ofClientFrames(),
              errorThenBye,
              Collections.nCopies(errorThenBye.length, 1));

      // then
      assertThat(frames).singleElement().isInstanceOf(ClientFrame.Malformed.class);
    }

    @Test
    void decodesTheValidFramesBeforeAMalformedFrame() {
      // given
      byte[] goodThenBad = hex("00000001 04" + "00000005 02 00000001" + "00000005 02 00000000");

      // when
      List<Frame> frames = decode(FrameDecoder.ofClientFrames(), goodThenBad);

      // then
      assertThat(frames).hasSize(3);
      assertThat(frames.subList(0, 2))
          .containsExactly(new ClientFrame.Bye(), new ClientFrame.Request(1));
      assertThat(frames.get(2)).isInstanceOf(ClientFrame.Malformed.class);
    }

    @Test
    void reportsNoErrorForAnIncompleteFrame() {
      // given a valid length of a client's frame, but no type yet
      assertThat(decode(FrameDecoder.ofClientFrames(), hex("00000005"))).isEmpty();
      assertThat(decode(FrameDecoder.ofClientFrames(), hex("00000005 02 000000"))).isEmpty();
    }
  }

  @Nested
  class InvalidServerFrames {

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void rejectsAMalformedServerFrame(String what, String bytes) {
      assertThat(decode(FrameDecoder.ofServerFrames(), hex(bytes)))
          .as(what)
          .singleElement()
          .isInstanceOfSatisfying(
              ServerFrame.Malformed.class, m -> assertThat(m.reason()).isNotBlank());
    }

    static Stream<Arguments> rejectsAMalformedServerFrame() {
      return Stream.of(
          Arguments.of("an empty frame", "00000000"),
          Arguments.of("a length of 65,553", "00010011"),
          Arguments.of("the greatest length", "ffffffff"),
          Arguments.of("type 80", "00000001 80"),
          Arguments.of("type 85", "00000001 85"),
          Arguments.of("a HELLO", "00000008 01"),
          Arguments.of("a REQUEST", "00000005 02"),
          Arguments.of("a PING", "00000009 03"),
          Arguments.of("a BYE", "00000001 04"),
          Arguments.of("a WELCOME that is short", "00000025 81"),
          Arguments.of("a WELCOME that is long", "00000027 81"),
          Arguments.of("a WELCOME of version 2", "00000026 81 02" + "00".repeat(36)),
          Arguments.of("a SAMPLE without entropy", "00000009 82"),
          Arguments.of("a SAMPLE of 15 bytes", "00000018 82"),
          Arguments.of("a SAMPLE of 65,537 bytes", "0001000a 82"),
          Arguments.of("a PONG that is short", "00000008 83"),
          Arguments.of("a PONG that is long", "0000000a 83"),
          Arguments.of("a CLOSE that is short", "00000006 84"),
          Arguments.of("a CLOSE of code 0", "00000007 84 0000 00000000"),
          Arguments.of("a CLOSE of code 11", "00000007 84 000b 00000000"),
          Arguments.of("a CLOSE of code 65,535", "00000007 84 ffff 00000000"));
    }

    @Test
    void decodesACloseOfTheMaximumLength() {
      // given
      byte[] close = hex("00010010 84 0006 00000000" + "61".repeat(65_545));

      // when
      List<Frame> frames = decode(FrameDecoder.ofServerFrames(), close);

      // then
      assertThat(frames)
          .containsExactly(new ServerFrame.Close(CloseCode.SHUTDOWN, 0, "a".repeat(65_545)));
    }

    @Test
    void endsTheStream() {
      // given
      byte[] errorThenPong = hex("00000001 80" + "00000009 83 0000000000000000");

      // when
      List<Frame> frames = decode(FrameDecoder.ofServerFrames(), errorThenPong);

      // then
      assertThat(frames).singleElement().isInstanceOf(ServerFrame.Malformed.class);
    }
  }

  @Nested
  class FrameEncoding {

    @Test
    void rejectsFrameValuesOutsideTheRangeOfTheirProtocolField() {
      Stream.<Runnable>of(
              () -> new ClientFrame.Hello(-1, "a"),
              () -> new ClientFrame.Hello(1L << 32, "a"),
              () -> new ClientFrame.Request(0),
              () -> new ClientFrame.Request(-1),
              () -> new ClientFrame.Request(1L << 32),
              () -> new ServerFrame.Welcome(0, welcome().epoch(), 1L << 32, 0, 0),
              () -> new ServerFrame.Welcome(0, welcome().epoch(), 0, -1, 0),
              () -> new ServerFrame.Welcome(0, welcome().epoch(), 0, 0, 1L << 32),
              () -> new ServerFrame.Close(CloseCode.KICKED, -1, ""),
              () -> new ServerFrame.Close(CloseCode.KICKED, 1L << 32, ""))
          .forEach(making -> assertThatIllegalArgumentException().isThrownBy(making::run));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "ä", "a\n", "a/b", "a:b"})
    void rejectsAHelloWithAnInvalidLabel(String label) {
      assertThatIllegalArgumentException().isThrownBy(() -> new ClientFrame.Hello(0, label));
    }

    @Test
    void theEncoderRejectsAMalformedFrame() {
      // given
      EmbeddedChannel channel = new EmbeddedChannel(new FrameEncoder());

      // when, then
      Stream.of(
              new ClientFrame.Malformed(CloseCode.PROTOCOL_ERROR, "x"),
              new ServerFrame.Malformed("x"))
          .forEach(malformed ->
              Assertions.assertThatExceptionOfType(EncoderException.class)
                  .isThrownBy(() -> channel.writeOutbound(malformed)));
      channel.finishAndReleaseAll();
    }

    @Test
    void theEncoderPassesBuffersThroughUnchanged() {
      // given
      EmbeddedChannel channel = new EmbeddedChannel(new FrameEncoder());
      ByteBuf laidOut = Unpooled.wrappedBuffer(hex("0102"));

      // when
      channel.writeOutbound(laidOut);

      // then
      assertThat((ByteBuf) channel.readOutbound()).isSameAs(laidOut);
      laidOut.release();
      channel.finishAndReleaseAll();
    }
  }

  @Nested
  class WelcomeLimits {

    @ParameterizedTest
    @ValueSource(longs = {16, 2_048, 65_536})
    void acceptsAWelcomeWithASampleSizeInRange(long size) {
      assertThat(new ServerFrame.Welcome(1, welcome().epoch(), size, 64, 10_000).isAcceptable())
          .isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 15, 65_537, 0xffff_ffffL})
    void rejectsAWelcomeWithASampleSizeOutOfRange(long size) {
      assertThat(new ServerFrame.Welcome(1, welcome().epoch(), size, 64, 10_000).isAcceptable())
          .isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000, 10_000, 600_000})
    void acceptsAWelcomeWithAKeepaliveInRange(long millis) {
      assertThat(new ServerFrame.Welcome(1, welcome().epoch(), 16, 64, millis).isAcceptable())
          .isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 999, 600_001, 0xffff_ffffL})
    void rejectsAWelcomeWithAKeepaliveOutOfRange(long millis) {
      assertThat(new ServerFrame.Welcome(1, welcome().epoch(), 16, 64, millis).isAcceptable())
          .isFalse();
    }
  }

  @Nested
  class CloseCodes {

    @Test
    void eachCloseCodeHasTheNumberAndNameOfTheProtocol() {
      assertThat(Stream.of(CloseCode.values()).map(c -> c.code() + " " + c.externalName()))
          .containsExactly(
              "1 capacity",
              "2 max-clients",
              "3 not-authorised",
              "4 no-entropy",
              "5 kicked",
              "6 shutdown",
              "7 protocol-error",
              "8 keepalive-missed",
              "9 unsupported-version",
              "10 too-many-connections");
    }

    @ParameterizedTest
    @EnumSource(CloseCode.class)
    void findsACloseCodeByItsNumber(CloseCode code) {
      assertThat(CloseCode.of(code.code())).contains(code);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 11, 65_535})
    void findsNoCloseCodeForAnUnknownNumber(int number) {
      assertThat(CloseCode.of(number)).isEmpty();
    }

    @Test
    void aCloseCodeHasTheSameExternalNameInEveryLocale() {
      // given
      Locale before = Locale.getDefault();
      Locale.setDefault(Locale.forLanguageTag("tr"));
      try {
        // when, then
        assertThat(CloseCode.CAPACITY.externalName()).isEqualTo("capacity");
      } finally {
        Locale.setDefault(before);
      }
    }
  }
}
