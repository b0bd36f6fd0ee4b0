// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.egd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.FeedBuffers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.BeforeTry;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SharedFeedTest {

  private static final int SAMPLE = 1_000;
  private static final int SPACE = 100 * SAMPLE;

  /** The sink takes two samples at most. */
  private static final long MOST_WAITING = 2 * SAMPLE;

  private FeedBuffer sink = FeedBuffers.open(SPACE);
  private SharedFeed feed = new SharedFeed(sink);
  private final AtomicInteger notifications = new AtomicInteger();
  private final AtomicInteger arrivals = new AtomicInteger();

  private final HeldWrites writes = new HeldWrites();
  private final EmbeddedChannel channel = new EmbeddedChannel(writes);

  private byte next;

  @BeforeTry
  void removeAllGuests() {
    sink = FeedBuffers.open(SPACE);
    feed = new SharedFeed(sink);
  }

  /** A connection that writes only on request. */
  private static final class HeldWrites extends ChannelDuplexHandler {

    private final List<ByteBuf> held = new ArrayList<>();
    private final List<ChannelPromise> promises = new ArrayList<>();

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
      held.add((ByteBuf) msg);
      promises.add(promise);
    }
  }

  private GuestSupply guest() {
    return feed.add(Runnable::run, arrivals::incrementAndGet);
  }

  /** Offers a sample of one value, which is different for each. */
  private byte offer() {
    byte value = ++next;
    byte[] bytes = new byte[SAMPLE];
    Arrays.fill(bytes, value);
    feed.offer(Unpooled.wrappedBuffer(bytes));
    return value;
  }

  private long space() {
    return feed.freeSpace(MOST_WAITING, SAMPLE);
  }

  private void fillTheSink() {
    space();
    offer();
    offer();
    assertThat(sink.freeSpace(MOST_WAITING, SAMPLE)).isZero();
  }

  /** Takes all that the guest has, as a connection does. */
  private byte[] take(GuestSupply guest) {
    int size = (int) guest.available();
    assertThat(guest.write(writesContext(), size)).isEqualTo(size);
    ByteBuf written = writes.held.removeLast();
    byte[] bytes = new byte[written.readableBytes()];
    written.getBytes(0, bytes);
    written.release();
    writes.promises.removeLast().setSuccess();
    return bytes;
  }

  /** Writes from here pass the handler. */
  private ChannelHandlerContext writesContext() {
    if (channel.pipeline().get("last") == null) {
      channel.pipeline().addLast("last", new ChannelDuplexHandler());
    }
    return channel.pipeline().context("last");
  }

  @Nested
  class Demand {

    @Test
    void isTheDemandOfTheSinkWithoutGuests() {
      assertThat(space()).isEqualTo(MOST_WAITING);
      fillTheSink();
      assertThat(space()).isZero();
    }

    @Test
    void countsWholeSamplesForEachGuestThatWaits() {
      // given
      fillTheSink();
      GuestSupply first = guest();
      GuestSupply second = guest();
      assertThat(space()).isEqualTo(2 * SAMPLE);

      // when
      first.draw(SAMPLE + 1);
      second.draw(64);

      // then
      assertThat(space()).isEqualTo(3 * SAMPLE);
    }

    @Test
    void isBoundedForEachGuest() {
      // given
      fillTheSink();
      GuestSupply greedy = guest();

      // when
      greedy.draw(Long.MAX_VALUE);

      // then
      assertThat(space()).isEqualTo(Math.ceilDiv(GuestSupply.MOST_MISSING, SAMPLE) * (long) SAMPLE);
    }

    @Test
    void ofAGuestContinuesBehindTheBoundWhenItHasTakenBytes() {
      // given a guest that waits for more than the bound
      fillTheSink();
      GuestSupply greedy = guest();
      greedy.draw(2 * GuestSupply.MOST_MISSING);
      while (space() > 0) {
        offer();
      }

      // when
      int taken = take(greedy).length;

      // then
      assertThat(taken).isGreaterThanOrEqualTo(GuestSupply.MOST_MISSING);
      assertThat(space()).isPositive();
    }

    @Test
    void endsWithAnExcessInTheSinkAndStaysPositiveForGuests() {
      // given more bytes than the sink wants, because a guest has left
      fillTheSink();
      GuestSupply gone = guest();
      gone.draw(1);
      gone.close();
      byte excess = offer();
      assertThat(sink.buffered()).isEqualTo(3 * SAMPLE);
      assertThat(excess).isEqualTo((byte) 3);

      // when
      guest();

      // then
      assertThat(space()).isEqualTo(SAMPLE);
    }

    @Test
    void notifiesTheStreamWhenAGuestWaitsForMore() {
      // given
      feed.onFreeSpace(notifications::incrementAndGet);
      fillTheSink();
      GuestSupply guest = guest();
      offer();
      assertThat(feed.fitsOrNotifies(SAMPLE, MOST_WAITING, SAMPLE)).isFalse();
      guest.draw(SAMPLE);
      assertThat(notifications).as("it has these bytes").hasValue(0);

      // when
      guest.draw(SAMPLE + 1);

      // then
      assertThat(notifications).hasValue(1);
      assertThat(feed.fitsOrNotifies(SAMPLE, MOST_WAITING, SAMPLE)).isTrue();
      guest.draw(SAMPLE + 2);
      assertThat(notifications).as("nobody waits for space").hasValue(1);
    }

    @Test
    void notifiesTheStreamWhenTheSinkHasTaken() {
      // given
      feed.onFreeSpace(notifications::incrementAndGet);
      fillTheSink();
      assertThat(feed.fitsOrNotifies(1, MOST_WAITING, SAMPLE)).isFalse();

      // when
      ByteBuffer target = ByteBuffer.allocateDirect(SAMPLE);
      sink.takeAvailable(target);
      sink.taken(SAMPLE);

      // then
      assertThat(notifications).hasValue(1);
      assertThat(space()).isEqualTo(SAMPLE);
    }
  }

  @Nested
  class Samples {

    @Test
    void goToTheSinkFirst() {
      GuestSupply guest = guest();
      space();
      offer();
      assertThat(sink.buffered()).isEqualTo(SAMPLE);
      assertThat(guest.available()).isZero();
    }

    @Test
    void goToAGuestInFullAndServeItsLaterRequests() {
      // given
      fillTheSink();
      GuestSupply guest = guest();
      guest.draw(64);

      // when
      byte value = offer();

      // then
      assertThat(arrivals).hasValue(1);
      assertThat(guest.available()).isEqualTo(SAMPLE);
      assertThat(take(guest)).hasSize(SAMPLE).containsOnly(value);
      assertThat(feed.deliveredBytes()).isEqualTo(SAMPLE);
      assertThat(sink.buffered()).isEqualTo(2 * SAMPLE);
    }

    @Test
    void areWrittenOnlyAsFarAsTheyAreAvailable() {
      // given
      fillTheSink();
      GuestSupply guest = guest();
      assertThat(guest.write(writesContext(), 64)).isZero();
      assertThat(writes.held).isEmpty();
      offer();

      // when, then
      assertThat(guest.write(writesContext(), SAMPLE + 1)).isEqualTo(SAMPLE);
      assertThat(guest.available()).isZero();
      writes.held.getFirst().release();
      writes.promises.getFirst().setSuccess();
    }

    @Test
    void areDestroyedIfNobodyHasMemoryForThem() {
      // given
      space();
      IntStream.range(0, SPACE / SAMPLE).forEach(_ -> offer());
      assertThat(sink.hasMemoryFor(1)).isFalse();

      // when
      offer();

      // then
      assertThat(sink.buffered()).isEqualTo(SPACE);
    }

    @Test
    void ofAGuestAreZeroedWhenTheyAreWritten() {
      // given
      fillTheSink();
      GuestSupply guest = guest();
      byte value = offer();
      guest.write(writesContext(), SAMPLE);
      ByteBuf written = writes.held.getFirst();
      assertThat(written.getByte(SAMPLE - 1)).isEqualTo(value);

      // when the channel releases the bytes first
      written.retain();
      written.release();
      written.release();
      written.retain();
      writes.promises.getFirst().setSuccess();

      // then
      assertThat(written.getByte(SAMPLE - 1)).isZero();
      assertThat(written.refCnt()).isEqualTo(1);
      written.release();
    }

    @Test
    void ofAGuestThatHasLeftAreZeroedAndItsMemoryIsUsedAgain() {
      // given
      fillTheSink();
      GuestSupply gone = guest();
      gone.draw(2 * SAMPLE);
      offer();

      // when
      gone.close();
      gone.close();

      // then
      assertThat(gone.available()).isZero();
      assertThat(feed.guests()).isZero();
      assertThat(space()).isZero();
      ByteBuffer ring = gone.destroy();
      GuestSupply next = guest();
      assertThat(next.destroy()).isSameAs(ring);
      for (int i = 0; i < ring.capacity(); i++) {
        assertThat(ring.get(i)).isZero();
      }
      assertThat(guest().destroy()).isNotSameAs(ring);
    }
  }

  /** QEMU requests 64 bytes, and the next ones after these; a stream pauses at its maximum rate. */
  @Test
  void aGuestThatRequestsLittleAtATimeReceivesItsShareOfSamplesThatArriveTogether() {
    // given
    GuestSupply guest = guest();
    long ofGuest = 0;
    long ofSink = 0;

    // when
    for (int batch = 0; batch < 100; batch++) {
      guest.draw(64);
      for (int i = 0; i < 16; i++) {
        space();
        offer();
        ByteBuffer fed = ByteBuffer.allocateDirect(SPACE);
        sink.takeAvailable(fed);
        sink.taken(sink.fedBytes());
        ofSink += fed.limit();
      }
      while (guest.available() > 0) {
        ofGuest += guest.write(writesContext(), 64);
        guest.draw(64);
        writes.held.removeLast().release();
        writes.promises.removeLast().setSuccess();
      }
    }

    // then
    assertThat((double) ofGuest / (ofGuest + ofSink)).isBetween(0.45, 0.5);
  }

  @Nested
  class Clearing {

    @Test
    void destroysTheBytesOfAllAndFeedsTheSinkFirst() {
      // given
      feed.onFreeSpace(notifications::incrementAndGet);
      space();
      GuestSupply guest = guest();
      guest.draw(2 * SAMPLE);
      offer();
      offer();
      assertThat(guest.available()).isEqualTo(SAMPLE);
      offer();
      assertThat(sink.buffered()).isEqualTo(2 * SAMPLE);
      assertThat(feed.fitsOrNotifies(2 * SAMPLE, MOST_WAITING, SAMPLE)).isFalse();

      // when
      feed.clear();

      // then
      assertThat(guest.available()).isZero();
      assertThat(sink.buffered()).isZero();
      assertThat(notifications.get()).isPositive();
      assertThat(space()).isEqualTo(4 * SAMPLE);
      offer();
      assertThat(sink.buffered()).isEqualTo(SAMPLE);
    }

    @Test
    void requestsNothingForAGuestThatWaitsForNothing() {
      // given
      fillTheSink();
      GuestSupply idle = guest();
      offer();

      // when
      feed.clear();

      // then
      assertThat(space()).isEqualTo(MOST_WAITING);
      idle.draw(1);
      assertThat(space()).isEqualTo(MOST_WAITING + SAMPLE);
    }
  }

  @Property(tries = 25)
  void eachByteHasOneConsumerAndAllWhoWaitReceiveEquallyMany(
      @ForAll @IntRange(min = 1, max = 6) int guests, @ForAll long seed) {
    // given a sink and guests that want all that they can get, and one guest at times
    SplittableRandom random = new SplittableRandom(seed);
    List<GuestSupply> greedy = IntStream.range(0, guests).mapToObj(_ -> guest()).toList();
    GuestSupply visitor = guest();
    long[] received = new long[guests];
    long ofSink = 0;
    Set<Long> seen = new HashSet<>();
    long number = 0;

    // when the stream offers at most the demand, as samples of unique words
    for (int round = 0; round < 40; round++) {
      greedy.forEach(guest -> guest.draw(1 + random.nextLong(4 * SAMPLE)));
      if (random.nextInt(4) == 0) {
        visitor.draw(random.nextInt(100));
      }
      int samples = random.nextInt(1 + (int) (space() / SAMPLE));
      for (int i = 0; i < samples; i++) {
        ByteBuf sample = Unpooled.directBuffer(SAMPLE);
        while (sample.writableBytes() >= Long.BYTES) {
          sample.writeLong(++number);
        }
        feed.offer(sample);
        sample.release();
        // All take at once what they get, so that all want bytes all the time.
        ByteBuffer fed = ByteBuffer.allocateDirect(SPACE);
        sink.takeAvailable(fed);
        sink.taken(sink.fedBytes());
        ofSink += fed.remaining();
        collect(fed, seen);
        for (int g = 0; g < guests; g++) {
          byte[] taken = taken(greedy.get(g));
          greedy.get(g).draw(1);
          received[g] += taken.length;
          collect(ByteBuffer.wrap(taken), seen);
        }
        collect(ByteBuffer.wrap(taken(visitor)), seen);
      }
    }

    // then
    assertThat(seen).hasSize((int) number);
    for (long ofGuest : received) {
      assertThat(Math.abs(ofGuest - ofSink)).isLessThanOrEqualTo(2 * SAMPLE);
    }
  }

  private byte[] taken(GuestSupply guest) {
    return guest.available() == 0 ? new byte[0] : take(guest);
  }

  private static void collect(ByteBuffer words, Set<Long> seen) {
    while (words.hasRemaining()) {
      assertThat(seen.add(words.getLong())).as("a byte for one consumer").isTrue();
    }
  }
}
