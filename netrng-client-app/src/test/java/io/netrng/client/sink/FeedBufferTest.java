// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class FeedBufferTest {

  private static final int CAPACITY = 20_000;
  private static final int SAMPLE = 100;
  private static final int PREAMBLE = 8;
  private static final int BLOCK = 2_500;

  private final FeedBuffer feed = new FeedBuffer(ByteBuffer.allocateDirect(CAPACITY));

  private static ByteBuf bytes(int size) {
    return Unpooled.wrappedBuffer(new byte[size]);
  }

  private ByteBuffer take(int preamble) throws InterruptedException {
    ByteBuffer target = ByteBuffer.allocateDirect(4 * BLOCK);
    feed.take(target, preamble + BLOCK, BLOCK);
    return target;
  }

  @Nested
  class FreeSpace {

    @Test
    void hasNoFreeSpaceUntilAProcessIsReady() {
      assertThat(feed.freeSpace()).isZero();
      feed.open();
      assertThat(feed.freeSpace()).isEqualTo(CAPACITY);
    }

    @Test
    void waitingAndPipedBytesOccupySpaceUntilTheyAreConsumed() throws InterruptedException {
      feed.open();
      feed.offer(bytes(3_000));
      assertThat(feed.freeSpace()).isEqualTo(CAPACITY - 3_000);
      take(PREAMBLE);
      assertThat(feed.freeSpace()).isEqualTo(CAPACITY - 3_000);
      feed.taken(PREAMBLE + BLOCK);
      assertThat(feed.freeSpace()).isEqualTo(CAPACITY - 3_000 + PREAMBLE + BLOCK);
    }

    @Test
    void hasNoFreeSpaceWhileClosedAndDiscardsOnlyTheBytesInThePipe() throws InterruptedException {
      feed.open();
      feed.offer(bytes(3_000));
      take(0);
      feed.close();
      assertThat(feed.freeSpace()).isZero();
      feed.open();
      assertThat(feed.freeSpace()).isEqualTo(CAPACITY - 500);
      assertThat(feed.consumedBytes()).isZero();
    }

    @Test
    void notifiesTheListenerOnceWhenEnoughSpaceIsFree() throws InterruptedException {
      AtomicInteger told = new AtomicInteger();
      feed.onFreeSpace(told::incrementAndGet);
      feed.open();
      assertThat(told).hasValue(1);
      feed.offer(bytes(3_000));
      take(0);
      feed.taken(100);
      assertThat(told).hasValue(1);

      assertThat(feed.fitsOrNotifies(CAPACITY - 2_900, Long.MAX_VALUE, SAMPLE)).isTrue();
      assertThat(feed.fitsOrNotifies(100, 3_000, SAMPLE)).isTrue();
      feed.taken(200);
      assertThat(told).hasValue(1);

      assertThat(feed.fitsOrNotifies(CAPACITY - 2_799, Long.MAX_VALUE, SAMPLE)).isFalse();
      feed.taken(200);
      assertThat(told).hasValue(1);
      feed.taken(201);
      assertThat(told).hasValue(2);
      feed.taken(202);
      assertThat(told).hasValue(2);

      assertThat(feed.fitsOrNotifies(100, 2_800, SAMPLE)).isFalse();
      feed.taken(300);
      assertThat(told).hasValue(3);
    }

    @Test
    void rejectsMoreBytesThanFit() {
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> feed.offer(bytes(CAPACITY + 1)));
    }
  }

  @Nested
  class Taking {

    @Test
    void takeWaitsForThePreambleAndAWholeBlock() {
      feed.open();
      feed.offer(bytes(PREAMBLE + BLOCK - 1));
      Thread feeder =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  take(PREAMBLE);
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      await("the feeder waits").until(() -> feeder.getState() == Thread.State.WAITING);
      assertThat(feed.fedBytes()).isZero();
      feed.offer(bytes(1));
      await("the feeder goes on").until(() -> !feeder.isAlive());
      assertThat(feed.fedBytes()).isEqualTo(PREAMBLE + BLOCK);
    }

    @Test
    void countsNoMoreConsumedBytesThanWereFed() throws InterruptedException {
      feed.open();
      feed.offer(bytes(BLOCK));
      take(0);
      assertThat(feed.taken(BLOCK + 4)).isEqualTo(BLOCK);
      assertThat(feed.taken(BLOCK + 4)).isZero();
      assertThat(feed.consumedBytes()).isEqualTo(BLOCK);
    }
  }

  @Nested
  class Clearing {

    @Test
    void freesTheSpaceAndNotifiesTheListenerThatWaitsForIt() {
      // given
      AtomicInteger told = new AtomicInteger();
      feed.open();
      feed.offer(bytes(3_000));
      feed.onFreeSpace(told::incrementAndGet);
      assertThat(feed.fitsOrNotifies(100, 3_000, SAMPLE)).isFalse();

      // when
      feed.clear();

      // then
      assertThat(feed.buffered()).isZero();
      assertThat(feed.freeSpace()).isEqualTo(CAPACITY);
      assertThat(told).hasValue(1);
      feed.clear();
      assertThat(told).hasValue(1);
    }

    @Test
    void makesItUntouchedUntilBytesAreTaken() {
      feed.open();
      assertThat(feed.isUntouched()).isTrue();
      feed.takeAvailable(ByteBuffer.allocateDirect(10));
      assertThat(feed.isUntouched()).as("nothing was there to take").isTrue();
      feed.offer(bytes(100));
      feed.takeAvailable(ByteBuffer.allocateDirect(10));
      assertThat(feed.isUntouched()).isFalse();
      assertThat(feed.buffered()).isEqualTo(90);
      feed.clear();
      assertThat(feed.isUntouched()).isTrue();
    }

    @Test
    void tellsTheSinkOfEachSample() {
      AtomicInteger offers = new AtomicInteger();
      feed.onOffer(offers::incrementAndGet);
      feed.offer(bytes(1));
      feed.offer(bytes(1));
      assertThat(offers).hasValue(2);
    }
  }

  sealed interface Step {
    record Offer(int size) implements Step {}

    record Take() implements Step {}

    record Taken(int percent) implements Step {}

    record Restart() implements Step {}
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Step> offer = Arbitraries.integers().between(1, 6_000).map(Step.Offer::new);
    Arbitrary<Step> taken = Arbitraries.integers().between(0, 120).map(Step.Taken::new);
    return Arbitraries.frequencyOf(
            Tuple.of(4, offer),
            Tuple.of(4, Arbitraries.of((Step) new Step.Take())),
            Tuple.of(3, taken),
            Tuple.of(1, Arbitraries.of((Step) new Step.Restart())))
        .list()
        .ofMaxSize(100);
  }

  /**
   * The buffer invents, loses, duplicates, reorders or keeps no byte, and reports the exact free
   * space.
   */
  @Property(tries = 100)
  void takesEachByteOnceInOrderAndZeroesItAndReportsExactFreeSpace(
      @ForAll("steps") List<Step> steps) throws InterruptedException {
    ByteBuffer ring = ByteBuffer.allocateDirect(CAPACITY);
    FeedBuffer buffer = new FeedBuffer(ring);
    buffer.open();
    Deque<Byte> waiting = new ArrayDeque<>();
    long inPipe = 0;
    long takenOfProcess = 0;
    long fed = 0;
    long consumed = 0;
    byte next = 1;
    for (Step step : steps) {
      switch (step) {
        case Step.Offer(int size) -> {
          if (size <= buffer.freeSpace()) {
            ByteBuf sample = Unpooled.wrappedBuffer(new byte[size]).clear();
            for (int i = 0; i < size; i++) {
              next = (byte) (next == 127 ? 1 : next + 1);
              sample.writeByte(next);
              waiting.add(next);
            }
            buffer.offer(sample);
          }
        }
        case Step.Take() -> {
          if (waiting.size() >= BLOCK) {
            ByteBuffer target = ByteBuffer.allocateDirect(3 * BLOCK);
            buffer.take(target, BLOCK, BLOCK);
            assertThat(target.remaining() % BLOCK).isZero();
            assertThat(target.remaining()).isEqualTo(Math.min(waiting.size() / BLOCK, 3) * BLOCK);
            inPipe += target.remaining();
            fed += target.remaining();
            while (target.hasRemaining()) {
              assertThat(target.get()).isEqualTo(waiting.remove());
            }
          }
        }
        case Step.Taken(int percent) -> {
          long more = Math.min(inPipe * percent / 100, inPipe);
          assertThat(buffer.taken(takenOfProcess + inPipe * percent / 100)).isEqualTo(more);
          takenOfProcess += more;
          inPipe -= more;
          consumed += more;
        }
        case Step.Restart() -> {
          buffer.close();
          assertThat(buffer.freeSpace()).isZero();
          buffer.open();
          inPipe = 0;
          takenOfProcess = 0;
        }
      }
      assertThat(buffer.freeSpace()).isEqualTo(CAPACITY - waiting.size() - inPipe);
      assertThat(buffer.freeSpace()).isNotNegative();
      assertThat(buffer.inPipe()).isEqualTo(inPipe);
      assertThat(buffer.fedBytes()).isEqualTo(fed);
      assertThat(buffer.consumedBytes()).isEqualTo(consumed).isLessThanOrEqualTo(fed);
      assertThat(nonZeroBytes(ring)).isEqualTo(waiting.size());
    }
  }

  private static int nonZeroBytes(ByteBuffer buffer) {
    int count = 0;
    for (int i = 0; i < buffer.capacity(); i++) {
      count += buffer.get(i) == 0 ? 0 : 1;
    }
    return count;
  }
}
