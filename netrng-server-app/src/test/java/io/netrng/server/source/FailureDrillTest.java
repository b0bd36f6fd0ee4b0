// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.healthtest.HealthTest;
import io.netrng.server.healthtest.HealthTests;
import io.netrng.server.source.FaultySource.Fault;
import io.netrng.server.source.FaultySource.Given;
import java.io.IOException;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What gets out of a device that breaks down. The table of docs/health-tests.md is of here. */
@Tag("slow")
class FailureDrillTest {

  private static final int WINDOW_SIZE = HealthTests.WINDOW_SIZE;
  private static final int SAMPLE_SIZE = 64;

  /** Divides none of the periods, so that the guard against equal reads does not help. */
  private static final int READ_SIZE = 67;

  private static final int BLOCK_SIZE = 16 * 1_024;
  private static final int KIB = 1_024;
  private static final int MIB = 1_024 * KIB;

  /** Any fault that is seen is seen in so many bytes. */
  private static final int PATIENCE = 128 * KIB;

  /**
   * What became of a device.
   *
   * @param seenBy the test, or what was wrong with a read, or nothing
   * @param released bytes that were released of those after the fault began
   * @param toDetection bytes that were read of those until the fault was seen
   */
  private record Outcome(String seenBy, long released, long toDetection) {}

  /**
   * A row of the table.
   *
   * @param mostReleased bytes; −1 if nothing sees the fault
   * @param mostToDetection bytes; a read more is possible
   */
  record Drill(String title, String seenBy, int mostReleased, int mostToDetection, Fault fault) {

    static Drill seen(String title, String by, int released, int toDetection, Bytes bytes) {
      return new Drill(title, by, released, toDetection, bytes.asFault());
    }

    static Drill unseen(String title, Fault fault) {
      return new Drill(title, "nothing", -1, -1, fault);
    }

    boolean isSeen() {
      return mostReleased >= 0;
    }

    String row() {
      return isSeen()
          ? "| %s | %s | %,d | %,d |".formatted(title, seenBy, mostReleased, mostToDetection)
          : "| %s | %s | all | |".formatted(title, seenBy);
    }
  }

  static Stream<Drill> drills() {
    return Stream.of(
        Drill.seen("stuck byte", "repeated-read", 0, 201, (_, _, _) -> 0x55),
        Drill.seen("stuck bit", "stuck-bit", 0, 1_023, (_, sound, _) -> sound | 0x10),
        Drill.seen("period 2", "adaptive-proportion", 0, 1_023, period(2)),
        Drill.seen("period 26", "adaptive-proportion", 0, 1_023, period(26)),
        Drill.seen("period 64", "replayed-window", 511, 1_535, period(64)),
        Drill.seen("period 1,000", "replayed-window", 63_999, 65_023, period(1_000)),
        Drill.seen("period 4,096", "replayed-window", 4_095, 5_119, period(4_096)),
        Drill.unseen("period 4,097", period(4_097).asFault()),
        Drill.seen(
            "a byte in four is 0",
            "adaptive-proportion",
            4_607,
            5_691,
            (_, sound, _) -> (sound & 0xc0) == 0 ? 0 : sound),
        Drill.seen(
            "16 values, evenly",
            "adaptive-proportion",
            0,
            1_023,
            (_, sound, _) -> (sound & 0xf) * 0x11),
        Drill.seen("16 KB again, 64 KB later", "replayed-window", 0, 1_023, replay(64 * KIB)),
        Drill.seen("16 KB again, 2 MB later", "replayed-window", 0, 1_023, replay(2 * MIB)),
        Drill.unseen("16 KB again, 2 MB and 512 B later", replay(2 * MIB + 512).asFault()),
        Drill.unseen("16 KB again, 64 KB and 1 B later", replay(64 * KIB + 1).asFault()),
        new Drill("reads without a byte", "gives nothing and does not wait", 0, 0, size(_ -> 0)),
        new Drill(
            "error",
            "Input/output error",
            0,
            0,
            size(_ -> {
              throw new IOException("Input/output error");
            })),
        new Drill("end", "its end", 0, 0, size(_ -> -1)));
  }

  /** A fault of the bytes. */
  interface Bytes {

    int at(long place, byte sound, Given given);

    default Fault asFault() {
      return new Fault() {
        @Override
        public byte at(long place, byte sound, Given given) {
          return (byte) Bytes.this.at(place, sound, given);
        }
      };
    }
  }

  private static Bytes period(int period) {
    return (place, sound, given) -> place < period ? sound : given.back(period);
  }

  private static Bytes replay(int distance) {
    return (place, sound, given) -> place < BLOCK_SIZE ? given.back(distance) : sound;
  }

  /** How many bytes a read gives. */
  private interface Size {
    int of(int asked) throws IOException;
  }

  private static Fault size(Size size) {
    return new Fault() {
      @Override
      public int sizeOf(int asked) throws IOException {
        return size.of(asked);
      }
    };
  }

  /** Reads a device of which the fault begins there, and takes all that is released. */
  private static Outcome run(Fault fault, int begin, int readSize) {
    SampleBuffer stream = new SampleBuffer(SAMPLE_SIZE);
    AtomicLong released = new AtomicLong();
    stream.onRelease(() -> {
      for (SampleBatch batch = stream.poll(Long.MAX_VALUE, Long.MAX_VALUE);
          batch != null;
          batch = stream.poll(Long.MAX_VALUE, Long.MAX_VALUE)) {
        released.addAndGet(batch.size());
        batch.release();
      }
    });
    FaultySource source = new FaultySource(begin, fault, begin, begin + PATIENCE, readSize);
    Quarantine quarantine = Sources.quarantine(stream);
    String seenBy;
    try {
      DeviceMeter meter = new DeviceMeter(stream, 1, 1, System::nanoTime);
      HealthTest failed = new SlabReader(source, stream, quarantine, meter, _ -> {}).readToTheEnd();
      String atTheEnd = source.given() < begin + PATIENCE ? "its end" : "nothing";
      seenBy = failed == null ? atTheEnd : failed.externalName();
    } catch (IOException e) {
      seenBy = String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return new Outcome(seenBy, Math.max(0, released.get() - begin), source.given() - begin);
  }

  @ParameterizedTest
  @MethodSource("drills")
  void detectionAndReleasedBytesOfEachFaultMatchTheDocumentedTable(Drill drill) throws IOException {
    // when it begins anywhere in a window
    int before = drill.title.contains("MB") ? 2 * MIB + 2_048 : 66 * KIB;
    TreeSet<String> seenBy = new TreeSet<>();
    long released = 0;
    long toDetection = 0;
    for (int begin : new int[] {before, before + 1, before + 200, before + 511}) {
      Outcome outcome = run(drill.fault, begin, READ_SIZE);
      seenBy.add(outcome.seenBy);
      released = Math.max(released, outcome.released);
      toDetection = Math.max(toDetection, outcome.toDetection);
    }
    System.out.printf("| %s | %s | %,d | %,d |%n", drill.title, seenBy, released, toDetection);

    // then
    if (drill.isSeen()) {
      assertThat(seenBy).contains(drill.seenBy);
      assertThat(released).isLessThanOrEqualTo(drill.mostReleased);
      assertThat(toDetection).isLessThanOrEqualTo(drill.mostToDetection + READ_SIZE);
    } else {
      assertThat(seenBy).containsExactly(drill.seenBy);
    }
    assertThat(Path.of("../docs/health-tests.md")).content().contains(drill.row());
  }

  @Nested
  class NotAByteIsReleasedAfterTheBegin {

    private void of(IntFunction<Fault> fault, int kinds) {
      for (int kind = 0; kind < kinds; kind++) {
        for (int begin = 2_048; begin < 2_048 + WINDOW_SIZE; begin += 11) {
          Outcome outcome = run(fault.apply(kind), begin, READ_SIZE);
          assertThat(outcome.seenBy).as("kind %d from %d on", kind, begin).isNotEqualTo("nothing");
          assertThat(outcome.released).as("kind %d from %d on", kind, begin).isZero();
        }
      }
    }

    @Test
    void releasesNoByteAfterAStuckByteBegins() {
      of(kind -> ((Bytes) (_, _, _) -> kind * 85).asFault(), 4);
    }

    @Test
    void releasesNoByteAfterAStuckBitBegins() {
      of(
          kind ->
              ((Bytes) (_, sound, _) -> kind < 8 ? sound | (1 << kind) : sound & ~(1 << (kind - 8)))
                  .asFault(),
          16);
    }

    @Test
    void releasesNoByteAfterAPeriodOfUpTo26BytesBegins() {
      of(kind -> period(1 + kind).asFault(), 26);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 16, 64})
    void releasesNoByteAfterAReadRepeats(int size) {
      IntStream.range(0, 10)
          .mapToObj(i -> run(period(size).asFault(), 2_048 + i * size, size))
          .forEach(outcome -> assertThat(outcome.released).isZero());
    }
  }
}
