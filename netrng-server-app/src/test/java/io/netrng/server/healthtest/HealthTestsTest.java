// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class HealthTestsTest {

  private static final int WINDOW_SIZE = HealthTests.WINDOW_SIZE;

  private final Random random = new Random(1);
  private final HealthTests tests = new HealthTests(Cutoffs.of(40, 8), 7);

  private byte[] random(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  private static ByteBuffer direct(byte[] bytes) {
    ByteBuffer memory = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.nativeOrder());
    return memory.put(0, bytes);
  }

  private @Nullable HealthTest test(byte[] bytes) {
    return tests.test(direct(bytes), 0, bytes.length);
  }

  /** Passes the bytes in one read. */
  private @Nullable HealthTest read(byte[] bytes) {
    HealthTest failed = test(bytes);
    return failed == null ? tests.endRead() : failed;
  }

  @Test
  void passesAMebibyteOfRandomBytes() {
    assertThat(test(random(1 << 20))).isNull();
    assertThat(tests.windows()).isEqualTo((1 << 20) / WINDOW_SIZE);
  }

  @ParameterizedTest
  @EnumSource
  void healthTestsHaveLowerCaseExternalNames(HealthTest test) {
    assertThat(test.externalName()).matches("[a-z]+(-[a-z]+)?");
  }

  @Test
  void rejectsABufferInNonNativeByteOrder() {
    ByteBuffer other = ByteBuffer.allocateDirect(8);
    other.order(
        ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
            ? ByteOrder.LITTLE_ENDIAN
            : ByteOrder.BIG_ENDIAN);
    assertThatIllegalArgumentException().isThrownBy(() -> tests.test(other, 0, 8));
  }

  @Nested
  class TheFigures {

    private static final int WINDOWS = Math.ceilDiv(ByteCounts.LEAST_SIZE, WINDOW_SIZE);

    @Test
    void estimateCountsEveryWindowOfShortReads() {
      int reads = WINDOWS * WINDOW_SIZE / 64;
      for (int i = 0; i < reads; i++) {
        assertThat(tests.figures()).isEqualTo(EntropyEstimate.UNKNOWN);
        assertThat(read(random(64))).isNull();
      }
      assertThat(tests.figures()).isNotEqualTo(EntropyEstimate.UNKNOWN);
    }

    @Test
    void estimateCountsOneWindowOfEachLongRead() {
      for (int i = 0; i < WINDOWS; i++) {
        assertThat(tests.figures()).isEqualTo(EntropyEstimate.UNKNOWN);
        assertThat(read(random(1 << 16))).isNull();
      }
      assertThat(tests.figures()).isNotEqualTo(EntropyEstimate.UNKNOWN);
    }

    @Test
    void estimateExcludesFailedWindows() {
      for (int i = 0; i < WINDOWS; i++) {
        assertThat(read(random(WINDOW_SIZE))).isNull();
      }
      EntropyEstimate before = tests.figures();
      assertThat(read(new byte[WINDOW_SIZE])).isNotNull();
      assertThat(tests.figures()).isEqualTo(before);
      tests.restart();
      assertThat(read(random(WINDOW_SIZE))).isNull();
      assertThat(tests.figures()).isNotEqualTo(before);
    }
  }

  @Nested
  class TheRepetitionCount {

    @ParameterizedTest
    @CsvSource({"5, false", "6, true"})
    void countsRepetitionsAcrossWindows(int length, boolean fails) {
      // given a repetition with three bytes in the first window
      byte[] bytes = random(2 * WINDOW_SIZE);
      int begin = WINDOW_SIZE - 3;
      Arrays.fill(bytes, begin, begin + length, (byte) ~bytes[begin - 1]);
      bytes[begin + length] = bytes[begin - 1];

      // when, then
      assertThat(test(bytes)).isEqualTo(fails ? HealthTest.REPETITION_COUNT : null);
      assertThat(tests.windows()).isEqualTo(fails ? 1 : 2);
    }

    @Test
    void countsRepetitionsThroughWindowsOfASingleByteValue() {
      // given a cutoff of more than a window
      HealthTests patient = new HealthTests(new Cutoffs(1_200, 513, 600, false), 7);
      ByteBuffer zeroes = direct(new byte[WINDOW_SIZE]);

      // when, then: the equality of the windows is detected first
      assertThat(patient.test(zeroes, 0, WINDOW_SIZE)).isNull();
      assertThat(patient.test(zeroes, 0, WINDOW_SIZE)).isEqualTo(HealthTest.REPLAYED_WINDOW);
      assertThat(patient.test(zeroes, 0, WINDOW_SIZE)).isEqualTo(HealthTest.REPETITION_COUNT);
    }

    @Test
    void aRestartResetsTheRepetitionCount() {
      byte[] bytes = random(WINDOW_SIZE);
      Arrays.fill(bytes, WINDOW_SIZE - 5, WINDOW_SIZE, (byte) 1);
      bytes[WINDOW_SIZE - 6] = 2;
      assertThat(test(bytes)).isNull();

      // when
      tests.restart();

      // then
      byte[] next = random(WINDOW_SIZE);
      next[0] = 1;
      next[1] = 2;
      assertThat(test(next)).isNull();
      assertThat(tests.windows()).isOne();
    }
  }

  @Nested
  class TheAdaptiveProportion {

    @ParameterizedTest
    @CsvSource({"18, false", "19, true"})
    void adaptiveProportionIncludesTheFirstByteOfAWindow(int count, boolean fails) {
      // given bytes other than 7, and some bytes of 7
      byte[] bytes = random(WINDOW_SIZE);
      for (int i = 0; i < WINDOW_SIZE; i++) {
        bytes[i] = bytes[i] == 7 ? 8 : bytes[i];
      }
      for (int i = 0; i < count; i++) {
        bytes[i * 27] = 7;
      }

      // when, then
      assertThat(test(bytes)).isEqualTo(fails ? HealthTest.ADAPTIVE_PROPORTION : null);
    }
  }

  @Nested
  class AStuckBit {

    @Test
    void detectsABitStuckAtZeroOrOneAtEachPosition() {
      for (int bit = 0; bit < 8; bit++) {
        byte[] set = random(WINDOW_SIZE);
        byte[] cleared = random(WINDOW_SIZE);
        for (int i = 0; i < WINDOW_SIZE; i++) {
          set[i] |= (byte) (1 << bit);
          cleared[i] &= (byte) ~(1 << bit);
        }
        assertThat(test(set)).isEqualTo(HealthTest.STUCK_BIT);
        tests.restart();
        assertThat(test(cleared)).isEqualTo(HealthTest.STUCK_BIT);
        tests.restart();
        set[bit] ^= (byte) (1 << bit);
        assertThat(test(set)).as("the byte changes once").isNull();
      }
    }

    @Test
    void acceptsAStuckBitOfASevenBitSource() {
      HealthTests sevenBits = new HealthTests(Cutoffs.of(40, 7), 7);
      byte[] bytes = random(WINDOW_SIZE);
      for (int i = 0; i < WINDOW_SIZE; i++) {
        bytes[i] &= 0x7f;
      }
      assertThat(sevenBits.test(direct(bytes), 0, WINDOW_SIZE)).isNull();
    }
  }

  @Nested
  class AReplayedWindow {

    private void passRandom(int windows) {
      assertThat(test(random(windows * WINDOW_SIZE))).isNull();
    }

    @ParameterizedTest(name = "{0} windows later: {1}")
    @CsvSource({"1, true", "2, true", "4095, true", "4096, true", "4097, false", "9000, false"})
    void detectsAReplayAmongTheLast4096Windows(int distance, boolean seen) {
      // given
      passRandom(5_000);
      byte[] window = random(WINDOW_SIZE);
      assertThat(test(window)).isNull();
      passRandom(distance - 1);

      // when, then
      assertThat(test(window)).isEqualTo(seen ? HealthTest.REPLAYED_WINDOW : null);
    }

    @Test
    void detectsAReplayedWindowAfterARestart() {
      byte[] window = random(WINDOW_SIZE);
      assertThat(test(window)).isNull();
      tests.restart();
      assertThat(test(window)).isEqualTo(HealthTest.REPLAYED_WINDOW);
    }

    @Test
    void doesNotDetectAReplayAtAnotherWindowOffset() {
      byte[] block = random(8 * WINDOW_SIZE);
      assertThat(test(block)).isNull();
      assertThat(test(random(1))).isNull();
      assertThat(test(block)).isNull();
    }

    @Test
    void acceptsAWindowThatDiffersInOneBit() {
      byte[] window = random(WINDOW_SIZE);
      assertThat(test(window)).isNull();
      for (int bit = 0; bit < 8 * WINDOW_SIZE; bit++) {
        window[bit / 8] ^= (byte) (1 << bit % 8);
        assertThat(test(window)).as("bit %d", bit).isNull();
      }
    }
  }

  @Nested
  class TwoEqualReads {

    @ParameterizedTest(name = "of {0} bytes: {1}")
    @CsvSource({"4, false", "5, true", "63, true", "64, true", "65, true", "700, true"})
    void detectsEqualReadsFromTheCutoffSizeOn(int size, boolean seen) {
      byte[] bytes = random(size);
      assertThat(read(random(size))).isNull();
      assertThat(read(bytes)).isNull();
      assertThat(read(bytes)).isEqualTo(seen ? HealthTest.REPEATED_READ : null);
    }

    @Test
    void detectsEqualReadsThatAreTestedInPieces() {
      byte[] bytes = random(100);
      assertThat(read(bytes)).isNull();
      assertThat(test(Arrays.copyOf(bytes, 33))).isNull();
      assertThat(test(Arrays.copyOfRange(bytes, 33, 100))).isNull();
      assertThat(tests.endRead()).isEqualTo(HealthTest.REPEATED_READ);
    }

    @Test
    void detectsEqualReadsAcrossEmptyReadsAndRestarts() {
      byte[] bytes = random(100);
      assertThat(read(bytes)).isNull();
      assertThat(tests.endRead()).isNull();
      tests.restart();
      assertThat(read(bytes)).isEqualTo(HealthTest.REPEATED_READ);
    }

    @Test
    void acceptsReadsOfDifferentLengthsWithEqualBeginnings() {
      byte[] bytes = random(100);
      assertThat(read(bytes)).isNull();
      assertThat(read(Arrays.copyOf(bytes, 101))).isNull();
      assertThat(read(Arrays.copyOf(bytes, 99))).isNull();
      assertThat(read(random(99))).isNull();
    }
  }

  @Nested
  class SeveralDevices {

    private final ReplayMemory memory = new ReplayMemory(7);
    private final HealthTests one = new HealthTests(Cutoffs.of(40, 8), memory);
    private final HealthTests other = new HealthTests(Cutoffs.of(40, 8), memory);

    private static @Nullable HealthTest test(HealthTests tests, byte[] bytes) {
      return tests.test(direct(bytes), 0, bytes.length);
    }

    @Test
    void detectsAWindowReplayedFromAnotherDevice() {
      byte[] bytes = random(3 * WINDOW_SIZE);
      assertThat(test(one, bytes)).isNull();
      assertThat(test(other, random(5 * WINDOW_SIZE))).isNull();
      assertThat(test(other, bytes)).isEqualTo(HealthTest.REPLAYED_WINDOW);
      assertThat(other.windows()).isEqualTo(5);
    }

    @Test
    void aFastDeviceDoesNotEvictTheWindowsOfASlowDevice() {
      // given a slow device
      byte[] bytes = random(WINDOW_SIZE);
      assertThat(test(one, bytes)).isNull();

      // when a fast device reads more windows than the memory of replays keeps
      assertThat(test(other, random(5_000 * WINDOW_SIZE))).isNull();

      // then
      assertThat(test(one, bytes)).isEqualTo(HealthTest.REPLAYED_WINDOW);
    }

    @Test
    void concurrentReadersAcceptTheSameWindowOnlyOnce() throws Exception {
      // given
      ReplayedWindow[] devices = {memory.addDevice(), memory.addDevice()};
      int rounds = 50;
      AtomicIntegerArray passes = new AtomicIntegerArray(rounds * ReplayedWindow.REMEMBERED);
      CyclicBarrier together = new CyclicBarrier(devices.length);

      // when
      try (ExecutorService readers = Executors.newFixedThreadPool(devices.length)) {
        for (ReplayedWindow device : devices) {
          var _ =
              readers.submit(() -> {
                for (int digest = 0; digest < passes.length(); digest++) {
                  if (digest % ReplayedWindow.REMEMBERED == 0) {
                    together.await();
                  }
                  if (memory.isNew(device, digest * 0x9e37_79b9_7f4a_7c15L)) {
                    passes.incrementAndGet(digest);
                  }
                }
                return null;
              });
        }
      }

      // then
      for (int digest = 0; digest < passes.length(); digest++) {
        assertThat(passes.get(digest)).isEqualTo(1);
      }
    }
  }
}
