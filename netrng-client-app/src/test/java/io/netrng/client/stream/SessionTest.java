package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.client.rngd.FeedBuffer;
import io.netrng.client.rngd.FeedBuffers;
import io.netrng.protocol.ClientFrame;
import io.netrng.protocol.FrameDecoder;
import io.netrng.protocol.ServerFrame;
import io.netrng.unit.DataRate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What real sockets do not show: that no entropy stays behind in the buffers that it came in. */
class SessionTest {

  private static final int SIZE = 64;

  private final FeedBuffer feed = FeedBuffers.open(10_000);
  private final List<Ending> endings = new ArrayList<>();
  private final Session session =
      new Session(
          new ClientFrame.Hello(0, "tester"),
          DataRate.UNLIMITED,
          feed,
          Duration.ofMinutes(1),
          new Session.Listener() {
            @Override
            public void welcomed(ServerFrame.Welcome welcome) {}

            @Override
            public void received(ServerFrame.Sample sample) {}

            @Override
            public void ended(Ending ending) {
              endings.add(ending);
            }
          });

  private static ServerFrame.Welcome welcome(int sampleSize) {
    return new ServerFrame.Welcome(1, new UUID(1, 2), sampleSize, 64, 10_000);
  }

  private static ByteBuf entropy() {
    ByteBuf entropy = Unpooled.directBuffer(SIZE);
    for (int i = 0; i < SIZE; i++) {
      entropy.writeByte(0xee);
    }
    return entropy;
  }

  private static boolean isZero(ByteBuf buffer) {
    return buffer.forEachByte(0, buffer.capacity(), value -> value == 0) < 0;
  }

  @Test
  void aSampleIsZeroedAndReleasedOnceItIsTaken() {
    EmbeddedChannel channel = new EmbeddedChannel(session);
    channel.writeInbound(welcome(SIZE));
    ByteBuf entropy = entropy().retain();

    channel.writeInbound(new ServerFrame.Sample(0, entropy));

    assertThat(feed.room()).isEqualTo(10_000 - SIZE);
    assertThat(isZero(entropy)).isTrue();
    assertThat(entropy.refCnt()).isEqualTo(1);
    entropy.release();
  }

  @Test
  void aSampleThatIsNotTakenIsZeroedAndReleasedToo() {
    EmbeddedChannel channel = new EmbeddedChannel(session);
    ByteBuf entropy = entropy().retain(2);

    channel.writeInbound(new ServerFrame.Sample(0, entropy), new ServerFrame.Sample(0, entropy));

    assertThat(isZero(entropy)).isTrue();
    assertThat(entropy.refCnt()).isEqualTo(1);
    assertThat(endings).extracting(Ending::cause).containsExactly(Ending.Cause.PROTOCOL_ERROR);
    assertThat(feed.room()).isEqualTo(10_000);
    entropy.release();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 13, 40, 77, 78, 1000})
  void howeverTheBytesAreCutNoneOfASampleStaysInThem(int piece) {
    FrameDecoder decoder = FrameDecoder.ofServerFrames();
    decoder.setCumulator(ByteToMessageDecoder.COMPOSITE_CUMULATOR);
    EmbeddedChannel channel = new EmbeddedChannel(decoder, session);
    channel.pipeline().context(decoder).fireChannelRead(welcome(SIZE));
    ByteBuf wire = Unpooled.directBuffer();
    for (int i = 0; i < 3; i++) {
      wire.writeInt(9 + SIZE).writeByte(0x82).writeLong(i);
      ByteBuf entropy = entropy();
      wire.writeBytes(entropy);
      entropy.release();
    }
    List<ByteBuf> pieces = new ArrayList<>();
    while (wire.isReadable()) {
      ByteBuf part = Unpooled.directBuffer(piece);
      wire.readBytes(part, Math.min(piece, wire.readableBytes()));
      pieces.add(part.retain());
      channel.writeInbound(part);
    }
    wire.release();

    assertThat(feed.room()).isEqualTo(10_000 - 3 * SIZE);
    assertThat(pieces)
        .allSatisfy(part ->
            assertThat(part.forEachByte(0, part.writerIndex(), b -> b != (byte) 0xee)).isNegative())
        .allSatisfy(part -> assertThat(part.refCnt()).isEqualTo(1));
    pieces.forEach(ByteBuf::release);
    channel.finishAndReleaseAll();
  }
}
