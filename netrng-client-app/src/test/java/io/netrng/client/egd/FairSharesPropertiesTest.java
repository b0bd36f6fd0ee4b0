// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.egd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.BeforeTry;

class FairSharesPropertiesTest {

  private static final int LARGEST = 65_536;
  private static final int SAMPLES = 1_000;

  /** What one consumer has received, and whether it wants more. */
  private static final class Consumer {
    private boolean wants = true;
    private long received;
  }

  private FairShares<Consumer> shares = new FairShares<>();
  private List<Consumer> consumers = new ArrayList<>();

  @BeforeTry
  void removeAllConsumers() {
    shares = new FairShares<>();
    consumers = new ArrayList<>();
  }

  private Consumer join() {
    Consumer consumer = new Consumer();
    shares.add(consumer);
    consumers.add(consumer);
    return consumer;
  }

  private Optional<Consumer> offer(int size) {
    Optional<Consumer> receiver = shares.select(size, consumer -> consumer.wants);
    receiver.ifPresent(consumer -> consumer.received += size);
    return receiver;
  }

  private static int size(SplittableRandom random) {
    return random.nextInt(16, LARGEST + 1);
  }

  @Property(tries = 200)
  void consumersThatWantBytesAllTheTimeReceiveEquallyManyInEachInterval(
      @ForAll @IntRange(min = 2, max = 20) int number, @ForAll long seed) {
    // given consumers that want bytes all the time, and others that do so at times
    SplittableRandom random = new SplittableRandom(seed);
    List<Consumer> greedy = IntStream.range(0, number).mapToObj(_ -> join()).toList();
    List<Consumer> visitors = new ArrayList<>(List.of(join(), join()));
    List<long[]> history = new ArrayList<>();

    // when
    for (int i = 0; i < SAMPLES; i++) {
      visitors.forEach(visitor -> visitor.wants = random.nextInt(4) == 0);
      if (random.nextInt(100) == 0) {
        shares.remove(visitors.removeFirst());
        visitors.add(join());
      }
      if (random.nextInt(100) == 0) {
        shares.advance(greedy.getFirst());
      }
      offer(size(random));
      if (i % 50 == 0) {
        history.add(greedy.stream().skip(1).mapToLong(consumer -> consumer.received).toArray());
      }
    }

    // then
    for (long[] from : history) {
      for (long[] to : history) {
        long[] received = IntStream.range(0, to.length).mapToLong(i -> to[i] - from[i]).toArray();
        long most = Arrays.stream(received).max().orElseThrow();
        long least = Arrays.stream(received).min().orElseThrow();
        assertThat(most - least).isLessThanOrEqualTo(2 * LARGEST);
      }
    }
  }

  @Property(tries = 200)
  void eachSampleHasOneConsumerThatWantsItAndIsLeftOnlyIfNoneWantsIt(
      @ForAll @IntRange(min = 1, max = 10) int number, @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    IntStream.range(0, number).forEach(_ -> join());
    long offered = 0;
    for (int i = 0; i < SAMPLES; i++) {
      consumers.forEach(consumer -> consumer.wants = random.nextInt(number) == 0);
      int size = size(random);
      Optional<Consumer> receiver = offer(size);
      assertThat(receiver.isPresent())
          .isEqualTo(consumers.stream().anyMatch(consumer -> consumer.wants));
      receiver.ifPresent(consumer -> assertThat(consumer.wants).isTrue());
      offered += receiver.isPresent() ? size : 0;
    }
    assertThat(consumers.stream().mapToLong(consumer -> consumer.received).sum())
        .isEqualTo(offered);
  }

  @Property(tries = 200)
  void aConsumerThatBeginsToWantBytesWaitsForAtMostOneSampleOfEachOther(
      @ForAll @IntRange(min = 1, max = 10) int others, @ForAll long seed) {
    // given
    SplittableRandom random = new SplittableRandom(seed);
    Consumer late = join();
    late.wants = false;
    IntStream.range(0, others).forEach(_ -> join());
    for (int i = 0; i < SAMPLES; i++) {
      offer(LARGEST);
    }

    // when
    late.wants = true;
    if (random.nextBoolean()) {
      shares.advance(late);
    }
    int waited = 0;
    while (late.received == 0) {
      offer(LARGEST);
      waited++;
    }

    // then
    assertThat(waited).isLessThanOrEqualTo(others + 2);
  }

  @Property(tries = 200)
  void anIdleConsumerDoesNotSaveUpAShare(@ForAll @IntRange(min = 1, max = 10) int others) {
    // given
    Consumer idle = join();
    idle.wants = false;
    IntStream.range(0, others).forEach(_ -> join());
    for (int i = 0; i < SAMPLES; i++) {
      offer(LARGEST);
    }

    // when
    idle.wants = true;
    for (int i = 0; i < 2 * (others + 1); i++) {
      offer(LARGEST);
    }

    // then its share is two of these samples
    assertThat(idle.received).isBetween((long) LARGEST, 3L * LARGEST);
  }
}
