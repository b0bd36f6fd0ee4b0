// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.FeedBuffers;
import io.netrng.client.sink.SinkKind;
import io.netrng.tls.KeyExchange;
import io.netrng.unit.DataRate;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class CombinerTest {

  private static final int SPACE = 100_000;
  private static final long NO_LIMIT = Long.MAX_VALUE;
  private static final int SAMPLE = 1;

  private final AtomicInteger changes = new AtomicInteger();
  private final AtomicInteger live = new AtomicInteger();
  private FeedBuffer feed = FeedBuffers.open(SPACE);
  private StreamStatus status = status(2, 2);

  private static StreamStatus status(int servers, int minimum) {
    List<ServerAddress> addresses =
        IntStream.rangeClosed(1, servers).mapToObj(i -> new ServerAddress("host", i)).toList();
    StreamProperties properties =
        new StreamProperties(
            List.copyOf(addresses),
            "tester",
            new DataRate(64),
            DataRate.UNLIMITED,
            true,
            new StreamProperties.Tls(null, null, KeyExchange.HYBRID_PREFERRED),
            false,
            null,
            SinkKind.RNGD,
            new StreamProperties.Combine(servers, minimum));
    return new StreamStatus(
        properties, new Candidates(addresses, 0, RandomGenerator.getDefault()), () -> 0);
  }

  private Combiner combiner(int servers, int minimum, SinkKind sink) {
    status = status(servers, minimum);
    return new Combiner(
        feed,
        sink,
        status,
        number -> {
          changes.incrementAndGet();
          live.set(number);
        });
  }

  private static void offer(Combiner combiner, int stream, int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    combiner.input(stream).offer(Unpooled.wrappedBuffer(bytes));
  }

  /** Takes all that the sink can take. */
  private byte[] fed() {
    ByteBuffer target = ByteBuffer.allocate(SPACE);
    feed.takeAvailable(target);
    return Arrays.copyOf(target.array(), target.limit());
  }

  @Nested
  class BothLive {

    private final Combiner combiner = combiner(2, 2, SinkKind.RNGD);

    {
      combiner.input(0).begin();
      combiner.input(1).begin();
    }

    @Test
    void feedsTheSumOfEquallyLongPieces() {
      offer(combiner, 0, 1, 2, 3, 4, 5);
      assertThat(fed()).isEmpty();
      offer(combiner, 1, 16, 32, 64);
      assertThat(fed()).containsExactly(17, 34, 67);
      offer(combiner, 1, 1, 1, 7);
      assertThat(fed()).containsExactly(5, 4);
      offer(combiner, 0, 7);
      assertThat(fed()).containsExactly(0);
      assertThat(status.combinedBytes(2)).isEqualTo(6);
      assertThat(status.combinedBytes(1)).isZero();
    }

    @Test
    void anInputMayBeAheadOnlyByTheSpaceOfTheBuffer() {
      // given
      assertThat(combiner.input(0).freeSpace(NO_LIMIT, SAMPLE)).isEqualTo(SPACE);
      offer(combiner, 0, new int[SPACE]);

      // when, then
      assertThat(combiner.input(0).freeSpace(NO_LIMIT, SAMPLE)).isZero();
      assertThat(combiner.input(0).fitsOrNotifies(1, NO_LIMIT, SAMPLE)).isFalse();
      assertThat(combiner.input(1).freeSpace(NO_LIMIT, SAMPLE)).isEqualTo(SPACE);
      assertThat(combiner.input(1).freeSpace(1_000, SAMPLE)).isEqualTo(1_000);
    }

    @Test
    void anInputRequestsNoMoreThanItHolds() {
      // given guests that want more
      feed = FeedBuffers.open(2 * FeedBuffer.CAPACITY);
      Combiner ofGuests = combiner(2, 2, SinkKind.RNGD);
      ofGuests.input(0).begin();
      ofGuests.input(1).begin();
      AtomicInteger notifications = new AtomicInteger();
      feed.onFreeSpace(notifications::incrementAndGet);
      assertThat(ofGuests.input(0).freeSpace(NO_LIMIT, SAMPLE)).isEqualTo(FeedBuffer.CAPACITY);

      // when
      offer(ofGuests, 0, new int[FeedBuffer.CAPACITY]);

      // then
      assertThat(ofGuests.input(0).freeSpace(NO_LIMIT, SAMPLE)).isZero();
      assertThat(ofGuests.input(0).fitsOrNotifies(1, NO_LIMIT, SAMPLE)).isFalse();

      // when
      offer(ofGuests, 1, 1, 2, 3);
      feed.taken(fed().length);

      // then
      assertThat(notifications).hasValue(1);
      assertThat(ofGuests.input(0).freeSpace(NO_LIMIT, SAMPLE)).isEqualTo(3);
    }

    @Test
    void bothStreamsAreNotifiedWhenTheSinkHasTaken() {
      // given
      AtomicInteger notifications = new AtomicInteger();
      feed.onFreeSpace(notifications::incrementAndGet);
      offer(combiner, 0, new int[SPACE]);
      offer(combiner, 1, new int[SPACE]);
      assertThat(combiner.input(0).fitsOrNotifies(1, NO_LIMIT, SAMPLE)).isFalse();
      assertThat(combiner.input(1).fitsOrNotifies(0, NO_LIMIT, SAMPLE)).isTrue();

      // when
      feed.taken(fed().length);

      // then
      assertThat(notifications).hasValue(1);
      assertThat(combiner.input(0).fitsOrNotifies(1, NO_LIMIT, SAMPLE)).isTrue();
    }

    @Test
    void discardsTheRestOfAllStreamsWhenFewerThanTheMinimumAreLeft() {
      // given
      offer(combiner, 0, 1, 2, 3);
      offer(combiner, 1, 1);
      assertThat(fed()).containsExactly(0);

      // when
      combiner.input(1).end();

      // then
      assertThat(status.discardedBytes()).isEqualTo(2);
      assertThat(combiner.input(0).freeSpace(NO_LIMIT, SAMPLE)).isZero();
      assertThat(combiner.input(0).fitsOrNotifies(0, NO_LIMIT, SAMPLE)).isFalse();
      offer(combiner, 0, 9);
      combiner.input(1).begin();
      offer(combiner, 1, 4);
      assertThat(fed()).isEmpty();
      offer(combiner, 0, 3);
      assertThat(fed()).containsExactly(7);
    }

    @Test
    void aNewSessionDoesNotUseBytesOfAnEarlierOne() {
      // given
      offer(combiner, 0, 1, 2, 3);

      // when another server takes the place of the first one
      combiner.input(0).begin();
      offer(combiner, 1, 5, 6);
      offer(combiner, 0, 8, 8);

      // then
      assertThat(fed()).containsExactly(13, 14);
      assertThat(status.discardedBytes()).isEqualTo(3);
    }

    @Test
    void tellsOfEachChange() {
      int before = changes.get();
      combiner.input(0).end();
      combiner.input(0).end();
      combiner.input(0).begin();
      assertThat(changes).hasValue(before + 2);
    }
  }

  @Test
  void aSessionThatEndsBeforeWelcomeChangesNothing() {
    Combiner combiner = combiner(2, 1, SinkKind.RNGD);
    combiner.input(0).end();
    assertThat(changes).hasValue(0);
  }

  @Nested
  class WithALowerMinimum {

    private final Combiner combiner = combiner(2, 1, SinkKind.RNGD);

    {
      combiner.input(0).begin();
      combiner.input(1).begin();
    }

    private void bothDeliver() {
      offer(combiner, 0, 1);
      offer(combiner, 1, 2, 4);
      offer(combiner, 0, 2);
      assertThat(fed()).containsExactly(1, 0);
    }

    @Test
    void aServerJoinsTheSumWithItsFirstSample() {
      // given
      offer(combiner, 0, 1, 2);
      assertThat(fed()).containsExactly(1, 2);

      // when
      offer(combiner, 1, 16, 32);

      // then
      offer(combiner, 0, 3, 4, 5);
      assertThat(fed()).containsExactly(19, 36);
      assertThat(status.combinedBytes(1)).isEqualTo(2);
      assertThat(status.combinedBytes(2)).isEqualTo(2);
    }

    @Test
    void feedsTheRestAtOnceWhenAServerIsLost() {
      // given
      bothDeliver();
      offer(combiner, 0, 2, 3);
      assertThat(fed()).containsExactly(6);

      // when
      combiner.input(1).end();

      // then
      assertThat(fed()).containsExactly(3);
      assertThat(status.combinedBytes(1)).isEqualTo(2);
    }

    @Test
    void feedsTheRestWithoutAServerThatOwesSamplesUntilItsNextOne() {
      // given
      bothDeliver();
      offer(combiner, 0, 2, 3, 5);
      assertThat(fed()).containsExactly(6);

      // when
      assertThat(combiner.input(1).drop()).isTrue();

      // then
      assertThat(fed()).containsExactly(3, 5);
      assertThat(live).hasValue(1);
      assertThat(combiner.input(1).drop()).as("again").isFalse();

      // when
      offer(combiner, 1, 8);

      // then
      assertThat(live).hasValue(2);
      offer(combiner, 0, 1, 1);
      assertThat(fed()).containsExactly(9);
    }

    @Test
    void dropsAServerWithoutAFirstSampleWhenTheOtherDelivers() {
      assertThat(combiner.input(1).drop()).as("without another").isFalse();
      offer(combiner, 0, 7);
      assertThat(combiner.input(1).drop()).isTrue();
      assertThat(live).hasValue(1);
    }

    @Test
    void keepsAServerThatOwesSamplesWhileTheOtherHasNone() {
      bothDeliver();
      offer(combiner, 0, 4);
      assertThat(fed()).containsExactly(0);
      assertThat(combiner.input(1).drop()).isFalse();
      assertThat(combiner.input(0).drop()).isFalse();
      assertThat(live).hasValue(2);
    }

    @Test
    void keepsAServerWithBytes() {
      bothDeliver();
      offer(combiner, 1, 1, 2);
      assertThat(combiner.input(1).drop()).isFalse();
      offer(combiner, 0, 1, 2);
      assertThat(fed()).hasSize(2);
    }

    @Test
    void anotherSessionOfADroppedServerIsLive() {
      bothDeliver();
      offer(combiner, 0, 1, 2);
      assertThat(combiner.input(1).drop()).isTrue();
      combiner.input(1).end();
      assertThat(live).hasValue(1);
      combiner.input(1).begin();
      assertThat(live).hasValue(2);
    }

    @Test
    void bytesWaitForMemoryOfTheSink() {
      // given requests that fitted before the other server has used the space
      feed = FeedBuffers.open(4);
      Combiner small = combiner(2, 1, SinkKind.RNGD);
      small.input(0).begin();
      small.input(1).begin();
      offer(small, 0, 1, 2, 3);
      offer(small, 1, 4, 5);

      // when
      small.input(0).end();

      // then
      assertThat(fed()).containsExactly(1, 2, 3);
      small.combine();
      assertThat(fed()).containsExactly(4, 5);
    }
  }

  @Test
  void twoOfThreeServersOweSamplesAtTheSameTime() {
    // given
    Combiner combiner = combiner(3, 1, SinkKind.RNGD);
    for (int i = 0; i < 3; i++) {
      combiner.input(i).begin();
    }
    offer(combiner, 0, 1);
    offer(combiner, 1, 2);
    offer(combiner, 2, 4);
    offer(combiner, 0, 3, 3);
    fed();

    // when
    combiner.input(1).drop();
    combiner.input(2).drop();
    combiner.input(1).drop();

    // then
    assertThat(live).hasValue(1);
    assertThat(fed()).isNotEmpty();
  }

  @Test
  void withoutALowerMinimumAllWaitForAServerThatOwesSamples() {
    Combiner combiner = combiner(2, 2, SinkKind.RNGD);
    combiner.input(0).begin();
    combiner.input(1).begin();
    offer(combiner, 0, 1, 2, 3);
    offer(combiner, 1, 4);
    assertThat(fed()).containsExactly(5);

    assertThat(combiner.input(1).drop()).isFalse();

    assertThat(fed()).isEmpty();
    assertThat(live).hasValue(2);
  }

  @Test
  void clearingZeroesTheOtherInputsAndTheBufferForASinkOfOneSession() {
    // given
    Combiner combiner = combiner(2, 2, SinkKind.KERNEL);
    combiner.input(0).begin();
    combiner.input(1).begin();
    offer(combiner, 0, 1, 2, 3);
    offer(combiner, 1, 1);

    // when
    combiner.input(1).clear();

    // then
    offer(combiner, 1, 6);
    assertThat(fed()).isEmpty();
    offer(combiner, 0, 7);
    assertThat(fed()).containsExactly(1);
  }

  @Test
  void clearingKeepsTheOtherInputsForASinkOfSeveralSessions() {
    // given
    Combiner combiner = combiner(2, 2, SinkKind.RNGD);
    combiner.input(0).begin();
    combiner.input(1).begin();
    offer(combiner, 0, 1, 2);

    // when
    combiner.input(1).clear();

    // then
    offer(combiner, 1, 1, 1);
    assertThat(fed()).containsExactly(0, 3);
  }

  @Property(tries = 200)
  void eachByteIsTheSumOfTheBytesAtItsPlaceInEveryStream(
      @ForAll("pieces") List<Piece> pieces, @ForAll long seed) {
    // given
    int servers = 3;
    feed = FeedBuffers.open(FeedBuffer.CAPACITY);
    Combiner combiner = combiner(servers, servers, SinkKind.RNGD);
    byte[][] inputs = new byte[servers][pieces.stream().mapToInt(Piece::size).sum()];
    RandomGenerator random = new SplittableRandom(seed);
    for (int i = 0; i < servers; i++) {
      random.nextBytes(inputs[i]);
      combiner.input(i).begin();
    }

    // when
    int[] sent = new int[servers];
    for (Piece piece : pieces) {
      combiner
          .input(piece.stream())
          .offer(
              Unpooled.wrappedBuffer(inputs[piece.stream()], sent[piece.stream()], piece.size()));
      sent[piece.stream()] += piece.size();
    }

    // then
    int size = Arrays.stream(sent).min().orElseThrow();
    byte[] expected = new byte[size];
    for (byte[] input : inputs) {
      for (int i = 0; i < size; i++) {
        expected[i] ^= input[i];
      }
    }
    assertThat(fed()).isEqualTo(expected);
    assertThat(status.combinedBytes(servers)).isEqualTo(size);
  }

  /** Each server sends a bit of its own, so each byte for the kernel shows what it combines. */
  @Property(tries = 500)
  void neverFeedsFewerThanTheMinimumAndNoByteTwice(
      @ForAll("minimums") int minimum, @ForAll("steps") List<Step> steps) {
    // given
    int servers = 3;
    feed = FeedBuffers.open(FeedBuffer.CAPACITY);
    Combiner combiner = combiner(servers, minimum, SinkKind.RNGD);
    boolean[] admitted = new boolean[servers];
    int[] sent = new int[servers];

    // when
    for (Step step : steps) {
      Combiner.Input input = combiner.input(step.stream());
      switch (step.event()) {
        case BEGIN -> {
          input.begin();
          admitted[step.stream()] = true;
        }
        case END -> {
          input.end();
          admitted[step.stream()] = false;
        }
        case DROP -> input.drop();
        case SAMPLE -> {
          if (admitted[step.stream()]) {
            byte[] sample = new byte[step.size()];
            Arrays.fill(sample, (byte) (1 << step.stream()));
            input.offer(Unpooled.wrappedBuffer(sample));
            sent[step.stream()] += step.size();
          }
        }
      }
    }

    // then
    int[] used = new int[servers];
    for (byte sum : fed()) {
      assertThat(Integer.bitCount(sum)).isGreaterThanOrEqualTo(minimum);
      for (int i = 0; i < servers; i++) {
        used[i] += sum >> i & 1;
      }
    }
    for (int i = 0; i < servers; i++) {
      assertThat(used[i]).isLessThanOrEqualTo(sent[i]);
    }
  }

  enum Event {
    BEGIN,
    END,
    DROP,
    SAMPLE
  }

  /**
   * An event of one stream.
   *
   * @param stream from 0 to 2
   * @param size of a sample, in bytes
   */
  record Step(Event event, int stream, int size) {}

  @Provide
  Arbitrary<Integer> minimums() {
    return Arbitraries.integers().between(1, 3);
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.frequency(
                Tuple.of(3, Event.BEGIN),
                Tuple.of(1, Event.END),
                Tuple.of(3, Event.DROP),
                Tuple.of(12, Event.SAMPLE)),
            Arbitraries.integers().between(0, 2),
            Arbitraries.integers().between(1, 40))
        .as(Step::new)
        .list()
        .ofMaxSize(60);
  }

  /**
   * Bytes that one stream receives at once.
   *
   * @param stream from 0 to 2
   * @param size in bytes
   */
  record Piece(int stream, int size) {}

  @Provide
  Arbitrary<List<Piece>> pieces() {
    return Arbitraries.integers()
        .between(0, 2)
        .flatMap(stream -> Arbitraries.integers().between(1, 3_000).map(n -> new Piece(stream, n)))
        .list()
        .ofMaxSize(30);
  }
}
