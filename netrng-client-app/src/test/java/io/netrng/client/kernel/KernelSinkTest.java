// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.client.sink.FeedBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class KernelSinkTest {

  private static final Duration SHORT = Duration.ofMillis(5);
  private static final Duration NEVER = Duration.ofHours(1);
  private static final int SAMPLE = 2_048;

  private final ByteBuffer ring = ByteBuffer.allocateDirect(FeedBuffer.CAPACITY);
  private final FeedBuffer feed = new FeedBuffer(ring);
  private final FakePool pool = new FakePool();
  private final List<Byte> offered = new ArrayList<>();
  @TempDir private Path directory;

  private KernelSink sink =
      new KernelSink(
          pool::open, feed, new KernelSink.Settings(8, true, NEVER), new SeedMarker(Map.of()));

  private KernelSink sink(int credit, Duration interval) {
    return sink(new KernelSink.Settings(credit, true, interval));
  }

  private KernelSink sink(KernelSink.Settings settings) {
    Map<String, String> environment = Map.of("RUNTIME_DIRECTORY", directory.toString());
    return new KernelSink(pool::open, feed, settings, new SeedMarker(environment));
  }

  private void start(KernelSink started) {
    sink = started;
    sink.start();
    await("the sink feeds").until(() -> feed.freeSpace() > 0);
  }

  private void offer(int size) {
    byte[] bytes = new byte[size];
    RandomGenerator.of("L64X128MixRandom").nextBytes(bytes);
    ByteBuf sample = Unpooled.wrappedBuffer(bytes);
    for (byte each : bytes) {
      offered.add(each);
    }
    feed.offer(sample);
  }

  @AfterEach
  void stop() throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    sink.stop(stopped::countDown);
    stopped.await();
    assertThat(sink.isRunning()).isFalse();
    for (int i = 0; i < ring.capacity(); i++) {
      assertThat(ring.get(i)).isZero();
    }
  }

  @Test
  void theFirstSeedOfASessionIsCreditedAtOnceAndTheKernelReseeds() {
    // given
    start(sink(8, NEVER));

    // when
    offer(SAMPLE);

    // then
    await("a seed is credited").until(() -> pool.calls.equals(List.of("add 256 for 32", "reseed")));
    await("it counts as taken").until(() -> feed.consumedBytes() == 32);
    assertThat(sink.creditedBits()).isEqualTo(256);
    assertThat(sink.reseeds()).isEqualTo(1);
    assertThat(sink.sinceTaken()).isPresent();

    // when another session begins
    feed.clear();
    offer(SAMPLE);

    // then
    await("its first seed is credited").until(() -> pool.calls.size() == 4);
    assertThat(pool.received).isEqualTo(concat(offered.subList(0, 32), SAMPLE));
  }

  private List<Byte> concat(List<Byte> first, int from) {
    List<Byte> all = new ArrayList<>(first);
    all.addAll(offered.subList(from, from + 32));
    return all;
  }

  @Test
  void marksTheFirstSeedWhenTheKernelUsesIt() {
    // given
    Path marker = directory.resolve("seeded");
    start(sink(8, SHORT));
    pool.ready = false;
    offer(SAMPLE);
    await("it is credited").until(() -> sink.creditedBits() >= 256);
    await("it is tried again").until(() -> pool.calls.contains("reseed"));
    assertThat(marker).doesNotExist();

    // when
    pool.ready = true;
    offer(SAMPLE);

    // then
    await("it is marked").until(() -> Files.exists(marker));
  }

  @Test
  void bytesWithoutCreditAreNoSeed() {
    start(sink(0, SHORT));
    offer(SAMPLE);
    await("all is mixed in").until(() -> feed.buffered() == 0);
    await("the kernel reseeds").until(() -> sink.reseeds() > 0);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aMarkerThatCannotBeCreatedIsLoggedAndTheKernelIsFed(CapturedOutput output) throws Exception {
    Files.delete(directory);
    start(sink(8, SHORT));
    offer(SAMPLE);
    await("all is fed").until(() -> feed.buffered() == 0);
    assertThat(output).containsOnlyOnce("services that wait for the first seed are not notified");
    Files.createDirectory(directory);
  }

  @Test
  void withLessCreditTheFirstPieceIsLongerAndStillASeed() {
    start(sink(3, NEVER));
    offer(SAMPLE);
    await("a seed is credited").until(() -> pool.calls.equals(List.of("add 258 for 86", "reseed")));
  }

  @Test
  void withoutCreditTheBytesAreMixedIn() {
    start(sink(0, NEVER));
    offer(SAMPLE);
    await("a piece is mixed in").until(() -> pool.calls.equals(List.of("mix 32", "reseed")));
    assertThat(sink.creditedBits()).isZero();
  }

  @Test
  void withoutTheRightNothingIsReseeded() {
    start(sink(new KernelSink.Settings(0, false, SHORT)));
    offer(SAMPLE);
    await("all is mixed in").until(() -> feed.consumedBytes() == SAMPLE);
    assertThat(pool.calls).doesNotContain("reseed");
    assertThat(sink.reseeds()).isZero();
  }

  @Test
  void feedsEachByteOnceInOrderAndReseedsAfterEachPart() {
    // given
    start(sink(8, SHORT));

    // when
    offer(SAMPLE);
    offer(SAMPLE);
    offer(48);

    // then
    await("all is fed").until(() -> feed.consumedBytes() == 2 * SAMPLE + 48);
    assertThat(pool.received).isEqualTo(offered.subList(0, pool.received.size()));
    await("the last part is used").until(() -> pool.calls.getLast().equals("reseed"));
    assertThat(pool.calls.stream().filter("reseed"::equals)).hasSizeGreaterThanOrEqualTo(2);
    assertThat(sink.creditedBits()).isEqualTo(8 * feed.consumedBytes());
  }

  @Test
  void theFirstSampleIsFedInTheLeastPiecesBecauseTheNextOneMayBeLate() {
    start(sink(8, SHORT));
    offer(SAMPLE);
    await("all is fed").until(() -> feed.buffered() == 0);
    assertThat(pool.calls.stream().filter(call -> call.startsWith("add")))
        .hasSize(SAMPLE / 32)
        .containsOnly("add 256 for 32");
  }

  @Test
  void aSampleLastsUntilTheNextOneIsDue() {
    // given a wait between two samples of many intervals
    start(sink(8, SHORT));
    offer(32);
    await("the first bytes are fed").until(() -> feed.fedBytes() == 32);
    await("many intervals pass")
        .pollDelay(SHORT.multipliedBy(40))
        .until(() -> feed.fedBytes() == 32);

    // when
    offer(SAMPLE);

    // then
    await("all is fed").until(() -> feed.buffered() == 0);
    assertThat(pool.calls.stream().filter(call -> call.startsWith("add")))
        .hasSizeGreaterThan(20)
        .allMatch(call -> Integer.parseInt(call.replaceAll(".* ", "")) < 128);
  }

  @Test
  void muchIsFedAtOnceInsteadOfAtTheNextInterval() {
    start(sink(8, NEVER));
    for (int i = 0; i < 20; i++) {
      offer(SAMPLE);
    }
    await("it is fed").until(() -> feed.buffered() < KernelPool.SIZE);
    assertThat(pool.received).isEqualTo(offered.subList(0, pool.received.size()));
  }

  @Test
  void demandEndsWhileTheKernelRefusesAndReturnsAfterwards(CapturedOutput output) {
    // given
    start(sink(8, SHORT));
    pool.refuses = true;

    // when
    offer(SAMPLE);

    // then
    await("it fails").until(() -> sink.state() instanceof KernelState.Failed);
    assertThat(feed.freeSpace()).isZero();
    assertThat(sink.failures()).isPositive();
    assertThat(output).contains("the kernel refuses entropy", "not now");

    // when
    pool.refuses = false;

    // then
    await("it feeds").until(() -> sink.state() instanceof KernelState.Feeding);
    await("the rest is fed").until(() -> feed.buffered() == 0);
  }

  @Test
  void discardsAPieceThatFailsATestAndContinues(CapturedOutput output) {
    // given
    start(sink(8, SHORT));

    // when
    feed.offer(Unpooled.wrappedBuffer(new byte[32]));

    // then
    await("it is discarded").until(() -> sink.testFailures() == 1);
    await("demand continues").until(() -> feed.freeSpace() == FeedBuffer.CAPACITY);
    assertThat(pool.received).isEmpty();
    assertThat(output).contains("bytes failed a health test of the client and were discarded");

    // when
    offer(64);

    // then
    await("it is fed").until(() -> pool.received.equals(offered));
  }
}
