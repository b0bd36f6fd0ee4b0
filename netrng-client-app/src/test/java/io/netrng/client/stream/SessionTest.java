// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.FeedBuffers;
import io.netrng.client.sink.SinkKind;
import io.netrng.client.stream.DisconnectReason.Cause;
import io.netrng.protocol.ClientFrame;
import io.netrng.protocol.FrameDecoder;
import io.netrng.protocol.ServerFrame;
import io.netrng.testkit.Message;
import io.netrng.unit.DataRate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks with fake sockets that the receive buffers contain no entropy afterwards. */
class SessionTest {

  private static final int SIZE = 64;
  private static final int KEEPALIVE = 10_000;

  private final FeedBuffer feed = FeedBuffers.open(10_000);
  private final List<DisconnectReason> endings = new ArrayList<>();
  private final List<Long> received = new ArrayList<>();
  private final AtomicInteger silences = new AtomicInteger();
  private final AtomicInteger overdue = new AtomicInteger();
  private final AtomicLong outstandingBytes = new AtomicLong();
  private final Session session = session(0);

  private Session session(int starvedInARow) {
    return new Session(
        new Session.Settings(
            new ClientFrame.Hello(0, "tester"),
            Duration.ofMinutes(1),
            DataRate.UNLIMITED,
            SinkKind.RNGD,
            feed,
            outstandingBytes,
            new Starvation(2_500, Duration.ofMinutes(1), Duration.ofMinutes(10), true),
            InstantSource.system()),
        starvedInARow,
        new Session.Listener() {
          @Override
          public void onWelcome(ServerFrame.Welcome welcome) {}

          @Override
          public void onSample(ServerFrame.Sample sample) {
            received.add(sample.offset());
          }

          @Override
          public void onSilence() {
            silences.incrementAndGet();
          }

          @Override
          public void onOverdue() {
            overdue.incrementAndGet();
          }

          @Override
          public void onEnd(DisconnectReason reason, Duration deliveryTime) {
            endings.add(reason);
          }
        });
  }

  private static ServerFrame.Welcome welcome(int sampleSize) {
    return new ServerFrame.Welcome(1, new UUID(1, 2), sampleSize, 64, KEEPALIVE);
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
  void zeroesAndReleasesAnAcceptedSample() {
    EmbeddedChannel channel = new EmbeddedChannel(session);
    channel.writeInbound(welcome(SIZE));
    ByteBuf entropy = entropy().retain();

    channel.writeInbound(new ServerFrame.Sample(0, entropy));

    assertThat(feed.freeSpace()).isEqualTo(10_000 - SIZE);
    assertThat(isZero(entropy)).isTrue();
    assertThat(entropy.refCnt()).isEqualTo(1);
    entropy.release();
  }

  @Test
  void zeroesAndReleasesARejectedSample() {
    EmbeddedChannel channel = new EmbeddedChannel(session);
    ByteBuf entropy = entropy().retain(2);

    channel.writeInbound(new ServerFrame.Sample(0, entropy), new ServerFrame.Sample(0, entropy));

    assertThat(isZero(entropy)).isTrue();
    assertThat(entropy.refCnt()).isEqualTo(1);
    assertThat(endings).extracting(DisconnectReason::cause).containsExactly(Cause.PROTOCOL_ERROR);
    assertThat(feed.freeSpace()).isEqualTo(10_000);
    entropy.release();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 13, 40, 77, 78, 1000})
  void leavesNoByteOfASampleInReceivedBuffersOfAnySize(int piece) {
    FrameDecoder decoder = FrameDecoder.ofServerFrames();
    decoder.setCumulator(ByteToMessageDecoder.COMPOSITE_CUMULATOR);
    EmbeddedChannel channel = new EmbeddedChannel(decoder, session);
    channel.pipeline().context(decoder).fireChannelRead(welcome(SIZE));
    ByteBuf wire = Unpooled.directBuffer();
    for (int i = 0; i < 3; i++) {
      ByteBuf entropy = entropy();
      wire.writeBytes(new Message.Sample((long) i * SIZE, entropy.nioBuffer()).bytes());
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

    assertThat(feed.freeSpace()).isEqualTo(10_000 - 3 * SIZE);
    assertThat(pieces)
        .allSatisfy(part ->
            assertThat(part.forEachByte(0, part.writerIndex(), b -> b != (byte) 0xee)).isNegative())
        .allSatisfy(part -> assertThat(part.refCnt()).isEqualTo(1));
    pieces.forEach(ByteBuf::release);
    channel.finishAndReleaseAll();
  }

  @Nested
  class Silence {

    private EmbeddedChannel welcomed() {
      EmbeddedChannel channel = new EmbeddedChannel(session);
      channel.freezeTime();
      channel.writeInbound(welcome(SIZE));
      return channel;
    }

    private static void passQuarters(EmbeddedChannel channel, int quarters) {
      for (int i = 0; i < quarters; i++) {
        channel.advanceTimeBy(KEEPALIVE / 4, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
      }
    }

    @Test
    void isReportedAfterOneKeepaliveWithoutAFrameAndEndsTheSessionAfterThree() {
      EmbeddedChannel channel = welcomed();
      passQuarters(channel, 3);
      assertThat(silences).hasValue(0);
      passQuarters(channel, 1);
      assertThat(silences).hasValue(1);
      passQuarters(channel, 7);
      assertThat(endings).isEmpty();
      passQuarters(channel, 1);
      assertThat(endings)
          .extracting(DisconnectReason::cause)
          .containsExactly(Cause.KEEPALIVE_MISSED);
    }

    @Test
    void isNotReportedWhileTheServerOnlyAnswersPings() {
      EmbeddedChannel channel = welcomed();
      int answered = 0;
      for (int half = 0; half < 20; half++) {
        passQuarters(channel, 2);
        for (ClientFrame sent = channel.readOutbound();
            sent != null;
            sent = channel.readOutbound()) {
          if (sent instanceof ClientFrame.Ping ping) {
            channel.writeInbound(new ServerFrame.Pong(ping.value()));
            answered++;
          }
        }
      }
      assertThat(answered).isPositive();
      assertThat(silences).hasValue(0);
      assertThat(endings).isEmpty();
    }
  }

  @Nested
  class Demand {

    private static ClientFrame requested(EmbeddedChannel channel) {
      ClientFrame frame = channel.readOutbound();
      return frame instanceof ClientFrame.Hello ? channel.readOutbound() : frame;
    }

    @Test
    void twoSessionsRequestNoMoreThanTheirBufferHolds() {
      EmbeddedChannel first = new EmbeddedChannel(session);
      EmbeddedChannel second = new EmbeddedChannel(session(0));
      first.writeInbound(welcome(4_000));
      second.writeInbound(welcome(2_000));

      assertThat(requested(first)).isEqualTo(new ClientFrame.Request(2));
      assertThat(requested(second)).isEqualTo(new ClientFrame.Request(1));

      session.end(DisconnectReason.of(Cause.LOST, ""));
      assertThat(outstandingBytes.get()).isEqualTo(2_000);
    }

    @Test
    void aSessionRequestsAsManySamplesAsAreAllowed() {
      EmbeddedChannel channel = new EmbeddedChannel(session);
      session.allow(0);
      channel.writeInbound(welcome(1_000));
      assertThat(requested(channel)).isNull();

      session.allow(1);
      assertThat(requested(channel)).isEqualTo(new ClientFrame.Request(1));
      session.request();
      assertThat(requested(channel)).isNull();

      session.allow(Long.MAX_VALUE);
      assertThat(requested(channel)).isEqualTo(new ClientFrame.Request(9));
    }
  }

  @Nested
  class Offsets {

    private final EmbeddedChannel channel = new EmbeddedChannel(session);

    private void offer(long offset) {
      channel.writeInbound(new ServerFrame.Sample(offset, entropy()));
    }

    @ParameterizedTest
    @ValueSource(longs = {100, 99, 0, 101, 100 + SIZE - 1, -1L >>> 1, Long.MIN_VALUE})
    void aRepeatedOrOverlappingSampleEndsTheSessionAndIsNotFed(long second) {
      long first = second == Long.MIN_VALUE || second == -1L >>> 1 ? -SIZE : 100;
      channel.writeInbound(welcome(SIZE));
      offer(first);
      offer(second);

      assertThat(endings).extracting(DisconnectReason::cause).containsExactly(Cause.PROTOCOL_ERROR);
      assertThat(endings.getFirst().detail()).contains("a sample at offset");
      assertThat(received).containsExactly(first);
      assertThat(feed.freeSpace()).isEqualTo(10_000 - SIZE);
      assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void acceptsSamplesWithGapsAndUpToTheLastUnsignedOffset() {
      channel.writeInbound(welcome(SIZE));
      offer(7);
      offer(7 + SIZE);
      offer(1_000_000);
      offer(Long.MAX_VALUE);
      offer(-SIZE);

      assertThat(endings).isEmpty();
      assertThat(received).hasSize(5);
    }
  }

  @Nested
  class Starving {

    private final FrameDecoder decoder = FrameDecoder.ofServerFrames();
    private EmbeddedChannel channel = new EmbeddedChannel(decoder, session);

    private void admitted(long guarantee, long keepaliveMillis) {
      channel.freezeTime();
      channel
          .pipeline()
          .context(decoder)
          .fireChannelRead(
              new ServerFrame.Welcome(1, new UUID(1, 2), SIZE, guarantee, keepaliveMillis));
    }

    private void sample(long offset) {
      channel
          .pipeline()
          .context(decoder)
          .fireChannelRead(new ServerFrame.Sample(offset, entropy()));
    }

    /** The keepalive notices only what passes the whole pipeline. */
    private void pong() {
      channel.writeInbound(Unpooled.wrappedBuffer(new Message.Pong(0).bytes()));
    }

    private void after(Duration time) {
      channel.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
      channel.runScheduledPendingTasks();
    }

    @Test
    void disconnectsAfterAMinuteFromAServerThatSendsOnlyPongs() {
      admitted(1_000, 600_000);
      for (int i = 0; i < 59; i++) {
        after(Duration.ofSeconds(1));
        channel.pipeline().context(decoder).fireChannelRead(new ServerFrame.Pong(i));
      }
      assertThat(endings).isEmpty();

      after(Duration.ofSeconds(1));

      assertThat(endings).extracting(DisconnectReason::cause).containsExactly(Cause.STARVED);
      assertThat(endings.getFirst().tag()).isEqualTo("starved");
      assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void disconnectsFromAServerThatSendsAByteOfASampleEveryFiveSeconds() {
      admitted(1_000, 10_000);
      byte[] sample = new Message.Sample(0, ByteBuffer.allocate(SIZE)).bytes();
      channel.writeInbound(Unpooled.wrappedBuffer(sample, 0, sample.length - SIZE / 2));
      for (int i = 0; i < 11; i++) {
        after(Duration.ofSeconds(5));
        channel.writeInbound(Unpooled.buffer().writeByte(1));
      }
      assertThat(endings).isEmpty();
      after(Duration.ofSeconds(5));
      assertThat(endings).extracting(DisconnectReason::cause).containsExactly(Cause.STARVED);
      assertThat(received).isEmpty();
    }

    @Test
    void eachWholeSampleRestartsTheStarvationLimit() {
      admitted(1_000, 600_000);
      for (int i = 0; i < 10; i++) {
        after(Duration.ofSeconds(59));
        sample((long) i * SIZE);
      }
      assertThat(endings).isEmpty();
      after(Duration.ofSeconds(60));
      assertThat(endings).hasSize(1);
    }

    @Test
    void isReportedAfterThreeKeepalivesAndThenEachKeepalive() {
      admitted(1_000, 10_000);
      for (int i = 1; i <= 10; i++) {
        after(Duration.ofSeconds(5));
        pong();
        assertThat(overdue).hasValue(Math.max(0, (i - 4) / 2));
      }

      sample(0);
      after(Duration.ofSeconds(15));
      pong();
      after(Duration.ofSeconds(14));
      assertThat(overdue).hasValue(3);
      assertThat(endings).isEmpty();
    }

    @Test
    void aSessionWithoutDemandDoesNotStarve() {
      FeedBuffers.close(feed);
      admitted(1_000, 600_000);
      after(Duration.ofHours(1));
      assertThat(endings).isEmpty();

      FeedBuffers.reopen(feed);
      session.request();
      after(Duration.ofSeconds(59));
      assertThat(endings).isEmpty();
      after(Duration.ofSeconds(1));
      assertThat(endings).hasSize(1);
    }

    @Test
    void aSessionStarvesAfterTheTimeOfThreeBlocksAtALowGuarantee() {
      admitted(64, 600_000);
      after(Duration.ofSeconds(117));
      assertThat(endings).isEmpty();
      after(Duration.ofSeconds(1));
      assertThat(endings).hasSize(1);
    }

    @Test
    void aSessionStarvesAfterTenMinutesWithoutAGuarantee() {
      admitted(0, 600_000);
      after(Duration.ofMinutes(10).minusSeconds(1));
      assertThat(endings).isEmpty();
      after(Duration.ofSeconds(1));
      assertThat(endings).hasSize(1);
    }

    @Test
    void theStarvationLimitIsEightTimesAsLongAfterThreeStarvedSessions() {
      endings.clear();
      channel = new EmbeddedChannel(session(3));
      channel.freezeTime();
      channel.writeInbound(new ServerFrame.Welcome(1, new UUID(1, 2), SIZE, 1_000, 600_000));
      after(Duration.ofMinutes(8).minusSeconds(1));
      assertThat(endings).isEmpty();
      after(Duration.ofSeconds(1));
      assertThat(endings).hasSize(1);
    }
  }
}
