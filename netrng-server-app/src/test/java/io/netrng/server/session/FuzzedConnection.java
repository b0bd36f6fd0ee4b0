// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.protocol.ClientFrame;
import io.netrng.protocol.CloseCode;
import io.netrng.protocol.Frame;
import io.netrng.protocol.FrameDecoder;
import io.netrng.protocol.ServerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A client with any behaviour, which checks the server's frames against its own requests. */
final class FuzzedConnection {

  private static final Duration HELLO_WITHIN = Duration.ofSeconds(5);
  private static final Duration LINGER = Duration.ofSeconds(2);

  /** Time advances in steps. A timer that is due within a step may set another one after it. */
  private static final Duration LATENESS = Duration.ofSeconds(1);

  private final FuzzedChannel channel;
  private final Ticker ticker;
  private final int sampleSize;
  private final Set<Long> offsets;
  private final EmbeddedChannel sent = new EmbeddedChannel(FrameDecoder.ofClientFrames());
  private final EmbeddedChannel received = new EmbeddedChannel(FrameDecoder.ofServerFrames());
  private final List<Long> pings = new ArrayList<>();
  private final List<Long> pongs = new ArrayList<>();
  private final long openedAt;
  private long lastHeardAt;
  private long closedAt;
  private long asked;
  private long samples;
  private long lastOffset = -1;
  private boolean saidHello;
  private boolean saidBye;
  private boolean offended;
  private boolean late;
  private boolean silent;
  private boolean capped;
  private boolean kicked;
  private boolean gone;
  private boolean welcome;
  private @Nullable CloseCode closed;

  /**
   * Creates a client.
   *
   * @param offsets the offsets of all samples of all clients
   */
  FuzzedConnection(FuzzedChannel channel, Ticker ticker, int sampleSize, Set<Long> offsets) {
    this.channel = channel;
    this.ticker = ticker;
    this.sampleSize = sampleSize;
    this.offsets = offsets;
    openedAt = ticker.nanoTime();
    lastHeardAt = openedAt;
  }

  FuzzedChannel channel() {
    return channel;
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /** Returns whether the client itself ended the connection. */
  boolean isGone() {
    return gone;
  }

  /** Returns whether the client is admitted and no event has ended its session. */
  boolean isStreaming() {
    return welcome && closed == null && isOpen() && !gone;
  }

  long samples() {
    return samples;
  }

  /** Returns whether the client has received its demand, or must wait because of its ceiling. */
  boolean isSatisfied() {
    return samples == asked || capped;
  }

  void send(byte[] bytes) {
    if (!isOpen()) {
      return;
    }
    sent.writeInbound(Unpooled.copiedBuffer(bytes));
    for (ClientFrame frame = sent.readInbound(); frame != null; frame = sent.readInbound()) {
      lastHeardAt = ticker.nanoTime();
      note(frame);
    }
    channel.writeInbound(channel.alloc().buffer(bytes.length + 1).writeBytes(bytes));
  }

  private void note(ClientFrame frame) {
    boolean first = !saidHello;
    saidHello = true;
    if (offended || saidBye) {
      return;
    }
    switch (frame) {
      case ClientFrame.Hello(long _, String label) -> {
        offended = !first;
        capped = label.startsWith(FuzzedServer.CAPPED);
      }
      case ClientFrame.Malformed _ -> offended = true;
      case ClientFrame.Request(long more) -> {
        offended = first;
        asked = asked > Long.MAX_VALUE - more ? Long.MAX_VALUE : asked + more;
      }
      case ClientFrame.Ping(long value) -> {
        offended = first;
        pings.add(value);
      }
      case ClientFrame.Bye() -> {
        offended = first;
        saidBye = !first;
      }
    }
  }

  void kick() {
    kicked = true;
  }

  void leave() {
    gone = true;
    var _ = channel.close();
  }

  void reset() {
    gone = true;
    channel.breakDown();
    channel.flush();
    var _ = channel.close();
  }

  /** Reads the bytes that the server has written since the last call. */
  void receive() {
    ByteBuf written = channel.written();
    received.writeInbound(Unpooled.copiedBuffer(written));
    written.clear();
    for (Frame frame = received.readInbound(); frame != null; frame = received.readInbound()) {
      assertThat(closed).as("CLOSE is the last frame").isNull();
      boolean first = !welcome;
      switch ((ServerFrame) frame) {
        case ServerFrame.Welcome _ -> {
          assertThat(first).as("a single WELCOME").isTrue();
          welcome = true;
        }
        case ServerFrame.Close(CloseCode code, long _, String _) -> check(code);
        case ServerFrame.Sample sample -> {
          check(sample);
          assertThat(first).as("a sample before WELCOME").isFalse();
        }
        case ServerFrame.Pong(long value) -> {
          assertThat(first).as("PONG before WELCOME").isFalse();
          pongs.add(value);
          assertThat(pings).contains(value).hasSizeGreaterThanOrEqualTo(pongs.size());
        }
        case ServerFrame.Malformed malformed -> throw new AssertionError(malformed);
      }
    }
  }

  private void check(ServerFrame.Sample sample) {
    samples++;
    assertThat(samples).as("samples within the demand").isLessThanOrEqualTo(asked);
    assertThat(sample.offset()).isGreaterThan(lastOffset);
    assertThat(sample.offset() % sampleSize).isZero();
    lastOffset = sample.offset();
    assertThat(offsets.add(lastOffset)).as("sent once, to one client").isTrue();
    ByteBuf entropy = sample.entropy();
    assertThat(entropy.readableBytes()).isEqualTo(sampleSize);
    assertThat(entropy.forEachByte(value -> value == 1))
        .as("a byte that is not of the device")
        .isEqualTo(-1);
    entropy.release();
  }

  private void check(CloseCode code) {
    closed = code;
    closedAt = ticker.nanoTime();
    switch (code) {
      case PROTOCOL_ERROR ->
          assertThat(offended || late).as("a protocol violation or a timeout").isTrue();
      case UNSUPPORTED_VERSION -> assertThat(offended).as("another version").isTrue();
      case KICKED -> assertThat(kicked).isTrue();
      case KEEPALIVE_MISSED -> assertThat(welcome && silent).isTrue();
      case CAPACITY, MAX_CLIENTS, TOO_MANY_CONNECTIONS ->
          assertThat(welcome).as("admitted before").isFalse();
      case NOT_AUTHORISED, NO_ENTROPY, SHUTDOWN -> assertThat(saidHello).isTrue();
    }
  }

  /** Records that time has passed. */
  void noteTime(Duration silence) {
    late |= !saidHello && age(openedAt).compareTo(HELLO_WITHIN) >= 0;
    silent |= age(lastHeardAt).compareTo(silence) >= 0;
  }

  /** Checks that the server ends idle and closed connections in time. */
  void checkTime(Duration silence) {
    if (isOpen()) {
      Duration allowed = saidHello ? silence : HELLO_WITHIN;
      assertThat(age(lastHeardAt)).as("silence").isLessThan(allowed.plus(LINGER).plus(LATENESS));
      assertThat(closed == null ? Duration.ZERO : age(closedAt))
          .as("since CLOSE")
          .isLessThan(LINGER.plus(LATENESS));
    }
  }

  /** Checks the responses when the server has written all its data. */
  void checkAnswers() {
    if (offended || saidBye) {
      assertThat(isStreaming()).as("continues after a violation or a BYE").isFalse();
    }
    if (isStreaming() && !pings.isEmpty()) {
      assertThat(pongs).last().as("the last PONG answers the last PING").isEqualTo(pings.getLast());
    }
  }

  void dispose() {
    var _ = channel.close();
    sent.finishAndReleaseAll();
    received.finishAndReleaseAll();
  }

  private Duration age(long nanos) {
    return Duration.ofNanos(ticker.nanoTime() - nanos);
  }
}
