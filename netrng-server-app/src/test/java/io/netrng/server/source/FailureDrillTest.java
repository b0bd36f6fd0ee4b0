// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.conditioning.Sha512;
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
   * @param released bytes that were released of those after the fault began; if they are
   *     conditioned, the bytes of all digests of such bytes
   * @param toDetection bytes that were read of those until the fault was seen
   */
  private record Outcome(String seenBy, long released, long toDetection) {}

  /**
   * A row of the table.
   *
   * @param mostReleased bytes; −1 if nothing sees the fault
   * @param mostToDetection bytes; a read more is possible
   */
  record Drill(
      int claim, String title, String seenBy, int mostReleased, int mostToDetection, Fault fault) {

    static Drill seen(String title, String by, int released, int toDetection, Bytes bytes) {
      return new Drill(8, title, by, released, toDetection, bytes.asFault());
    }

    static Drill unseen(String title, Fault fault) {
      return new Drill(8, title, "nothing", -1, -1, fault);
    }

    Drill claiming(int bits) {
      return new Drill(bits, title, seenBy, mostReleased, mostToDetection, fault);
    }

    boolean isSeen() {
      return mostReleased >= 0;
    }

    String row() {
      String begin =
          (claim < 8 ? "| %d | %s | %s |" : "| %2$s | %3$s |").formatted(claim, title, seenBy);
      return begin
          + (isSeen() ? " %,d | %,d |".formatted(mostReleased, mostToDetection) : " all | |");
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
        new Drill(8, "reads without a byte", "gives nothing and does not wait", 0, 0, size(_ -> 0)),
        new Drill(
            8,
            "error",
            "Input/output error",
            0,
            0,
            size(_ -> {
              throw new IOException("Input/output error");
            })),
        new Drill(8, "end", "its end", 0, 0, size(_ -> -1)));
  }

  /** The faults of conditioned devices: a healthy one returns 16 or 2 values evenly. */
  static Stream<Drill> drillsOfConditionedDevices() {
    return Stream.concat(
        Stream.of(
                Drill.seen("stuck byte", "repeated-read", 0, 201, (_, _, _) -> 5),
                Drill.seen(
                    "stuck bit", "adaptive-proportion", 17_280, 39_945, (_, sound, _) -> sound | 4),
                Drill.seen("period 5", "adaptive-proportion", 0, 1_023, period(5)),
                Drill.seen("period 26", "adaptive-proportion", 1_152, 3_616, period(26)),
                Drill.seen("period 64", "replayed-window", 192, 1_535, period(64)),
                Drill.seen("period 1,000", "replayed-window", 28_416, 65_023, period(1_000)),
                Drill.seen("period 4,096", "replayed-window", 1_792, 5_119, period(4_096)),
                Drill.unseen("period 4,097", period(4_097).asFault()),
                Drill.seen(
                    "a byte in four is 0",
                    "adaptive-proportion",
                    640,
                    2_411,
                    (_, sound, _) -> sound < 4 ? 0 : sound),
                Drill.seen(
                    "4 values, evenly",
                    "adaptive-proportion",
                    0,
                    1_023,
                    (_, sound, _) -> sound & 3),
                Drill.seen(
                    "16 KB again, 64 KB later", "replayed-window", 0, 1_023, replay(64 * KIB)))
            .map(drill -> drill.claiming(4)),
        Stream.of(
                Drill.seen("stuck byte", "repeated-read", 0, 201, (_, _, _) -> 1),
                Drill.seen("period 2", "replayed-window", 64, 1_535, period(2)),
                Drill.seen("period 64", "replayed-window", 64, 1_535, period(64)),
                Drill.seen("period 1,000", "replayed-window", 7_104, 65_023, period(1_000)),
                Drill.seen("period 4,096", "replayed-window", 448, 5_119, period(4_096)),
                Drill.unseen("period 4,097", period(4_097).asFault()),
                Drill.seen(
                    "three bytes in four are 0",
                    "adaptive-proportion",
                    64,
                    1_537,
                    (place, sound, _) -> place % 2 == 0 ? 0 : sound),
                Drill.seen(
                    "16 KB again, 64 KB later", "replayed-window", 0, 1_023, replay(64 * KIB)))
            .map(drill -> drill.claiming(1)));
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
  private static Outcome run(int claim, Fault fault, int begin, int readSize) {
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
    FaultySource source =
        new FaultySource(begin, fault, begin, begin + PATIENCE, readSize, 1 << claim);
    Quarantine quarantine =
        new Quarantine(
            new HealthTests(Sources.HEALTH.cutoffs(claim), 1),
            SAMPLE_SIZE,
            claim < 8 ? new Conditioner(stream, claim) : Output.into(stream));
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
    long before = claim < 8 ? begin / Conditioning.inputSize(claim) * (long) Sha512.SIZE : begin;
    return new Outcome(seenBy, Math.max(0, released.get() - before), source.given() - begin);
  }

  @ParameterizedTest
  @MethodSource({"drills", "drillsOfConditionedDevices"})
  void detectionAndReleasedBytesOfEachFaultMatchTheDocumentedTable(Drill drill) throws IOException {
    // when it begins anywhere in a window
    int before = drill.title.contains("MB") ? 2 * MIB + 2_048 : 66 * KIB;
    TreeSet<String> seenBy = new TreeSet<>();
    long released = 0;
    long toDetection = 0;
    for (int begin : new int[] {before, before + 1, before + 200, before + 511}) {
      Outcome outcome = run(drill.claim, drill.fault, begin, READ_SIZE);
      seenBy.add(outcome.seenBy);
      released = Math.max(released, outcome.released);
      toDetection = Math.max(toDetection, outcome.toDetection);
    }
    System.out.printf(
        "H = %d | %s | %s | %,d | %,d |%n",
        drill.claim, drill.title, seenBy, released, toDetection);

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
          Outcome outcome = run(8, fault.apply(kind), begin, READ_SIZE);
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
          .mapToObj(i -> run(8, period(size).asFault(), 2_048 + i * size, size))
          .forEach(outcome -> assertThat(outcome.released).isZero());
    }
  }
}
