// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static io.netrng.server.source.Sources.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.server.device.Device;
import io.netrng.server.healthtest.EntropyEstimate;
import io.netrng.server.healthtest.HealthTests;
import io.netrng.testkit.Pty;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.backoff.FixedBackOff;

/** Reads files, FIFOs and character devices. */
class DeviceReaderTest {

  private static final int SIZE = 100;
  private static final double PINNED = 1_000;
  private static final long SHORT_PAUSE = 20;
  private static final long LONG_PAUSE = 600_000;

  @TempDir Path directory;

  private SampleBuffer stream = new SampleBuffer(SIZE);
  private final Random random = new Random(1);
  private final List<DeviceReader> readers = new ArrayList<>();

  @AfterEach
  void stop() {
    readers.forEach(DeviceReader::stop);
    stream.close();
  }

  private DeviceReader read(Path device) {
    return read(device, SHORT_PAUSE);
  }

  private DeviceReader read(Path device, long pauseMillis) {
    return read(device, PINNED, pauseMillis);
  }

  private DeviceReader read(Path device, double pinnedCapacity, long pauseMillis) {
    return read(Device.of(device.toString()), pinnedCapacity, pauseMillis);
  }

  private DeviceReader read(Device device) {
    return read(device, PINNED, SHORT_PAUSE);
  }

  private DeviceReader read(Device device, double pinnedCapacity, long pauseMillis) {
    DeviceReader reader =
        new DeviceReader(
            device,
            stream,
            Sources.tests(),
            () -> Output.into(stream),
            new DeviceMeter(stream, pinnedCapacity, 1, System::nanoTime),
            new DeviceWatch(device, 8, () -> EntropyEstimate.UNKNOWN),
            new FixedBackOff(pauseMillis, FixedBackOff.UNLIMITED_ATTEMPTS));
    readers.add(reader);
    reader.start();
    return reader;
  }

  /** Returns bytes that never repeat, as those of a healthy device. */
  private byte[] random(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Returns enough bytes to release at least this many samples, including the first. */
  private byte[] tested(int samples) {
    return random(samples * SIZE + 2 * HealthTests.WINDOW_SIZE);
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(directory.resolve("file"), bytes);
  }

  private static void awaitState(DeviceReader reader, DeviceState state) {
    await("the device is " + state.externalName()).until(() -> reader.status().state() == state);
  }

  private static boolean isAlive(Path device) {
    String name = "reader-" + device.getFileName();
    return Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().equals(name));
  }

  @Nested
  class AFile {

    @ParameterizedTest
    @ValueSource(ints = {1_024, 1_535, 1_536, 1_650, 8_192, 1_000_000, 1_000_013})
    void readsAFileInOrderUpToTheLastSampleThatLeavesQuarantine(int size) throws IOException {
      // given
      byte[] bytes = random(size);
      DeviceReader reader = read(file(bytes));

      // when
      int samples = Sources.released(size, SIZE);
      byte[] taken = take(stream, samples);

      // then
      assertThat(taken).isEqualTo(Arrays.copyOf(bytes, samples * SIZE));
      assertThat(stream.poll(1, Long.MAX_VALUE)).isNull();
      awaitState(reader, DeviceState.EXHAUSTED);
      assertThat(reader.status().bytesRead()).isEqualTo(size);
      assertThat(reader.status().reason()).isEqualTo("was read to its end");
      assertThat(stream.poll(1, Long.MAX_VALUE)).as("further samples").isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 99, 100, 1_023})
    void releasesNoSampleOfAFileThatIsTooShortToTest(int size) throws IOException {
      // given
      DeviceReader reader = read(file(random(size)));

      // when
      awaitState(reader, DeviceState.EXHAUSTED);

      // then
      assertThat(stream.poll(1, Long.MAX_VALUE)).isNull();
    }

    @Test
    void readsAFileOnlyOnceEvenIfItGrows() throws IOException {
      // given
      int size = 1_024;
      Path file = file(random(size));
      DeviceReader reader = read(file);
      awaitState(reader, DeviceState.EXHAUSTED);
      take(stream, Sources.released(size, SIZE));

      // when
      Files.write(file, tested(10), StandardOpenOption.APPEND);

      // then
      await("the reader's thread exits").until(() -> !isAlive(file));
      assertThat(stream.poll(1, Long.MAX_VALUE)).isNull();
      assertThat(reader.status().bytesRead()).isEqualTo(size);
    }

    @Test
    void reportsAReadErrorAndSchedulesARetryWithoutReleasingSamples() {
      // given a process's memory, in which a read at offset 0 is an input/output error
      DeviceReader reader = read(Path.of("/proc/self/mem"), LONG_PAUSE);

      // when
      awaitState(reader, DeviceState.FAILED);

      // then
      assertThat(reader.status().reason()).isEqualTo("Input/output error");
      assertThat(reader.status().untilRetry()).isPositive();
      assertThat(reader.status().bytesRead()).isZero();
      assertThat(stream.poll(1, Long.MAX_VALUE)).isNull();
    }
  }

  @Nested
  class AFifo {

    @Test
    void keepsItsStoredBytesForATestOnDemand() throws Exception {
      // given a device that waits for bytes
      Path fifo = Fifo.make(directory.resolve("fifo"));
      DeviceReader reader = read(fifo);
      try (OutputStream out = Fifo.write(fifo)) {
        out.write(random(2 * HealthTests.START_UP_SIZE));
        awaitState(reader, DeviceState.HEALTHY);
        DeviceStatus.TestResult first = reader.status().lastTest();

        // when the next bytes interrupt the reading, and as many follow as a test needs
        assertThat(reader.testAgain()).isTrue();
        out.write(random(64));
        await("the reading is interrupted")
            .until(() -> reader.status().state() == DeviceState.STARTUP);
        out.write(random(HealthTests.START_UP_SIZE + HealthTests.WINDOW_SIZE));

        // then
        await("the device has a new result")
            .until(() -> !Objects.equals(reader.status().lastTest(), first));
        assertThat(reader.status().state()).isEqualTo(DeviceState.HEALTHY);
      }
    }

    @Test
    void waitsForTheWriterOfAFifo() throws Exception {
      // given
      Path fifo = Fifo.make(directory.resolve("fifo"));
      DeviceReader reader = read(fifo);

      // when no process writes, it stays unchanged
      await("the state stays the same without a writer")
          .during(Duration.ofMillis(100))
          .until(() -> reader.status().state() == DeviceState.OPENING);

      // then
      byte[] bytes = tested(3);
      try (OutputStream writer = Fifo.write(fifo)) {
        writer.write(bytes);
        assertThat(take(stream, 3)).isEqualTo(Arrays.copyOf(bytes, 3 * SIZE));
        assertThat(reader.status().state()).isEqualTo(DeviceState.HEALTHY);
      }
    }

    @Test
    void readsTheNextWriterOfAFifoWithoutMixingSamplesOfTwoWriters() throws Exception {
      // given
      Path fifo = Fifo.make(directory.resolve("fifo"));
      DeviceReader reader = read(fifo);
      byte[] first = random(2 * 512 + 50);
      byte[] second = tested(3);
      try (OutputStream writer = Fifo.write(fifo)) {
        writer.write(first);
      }
      assertThat(take(stream, 5)).isEqualTo(Arrays.copyOf(first, 5 * SIZE));
      awaitState(reader, DeviceState.OPENING);

      // when
      try (OutputStream writer = Fifo.write(fifo)) {
        writer.write(second);

        // then
        assertThat(take(stream, 3)).isEqualTo(Arrays.copyOf(second, 3 * SIZE));
      }
    }

    @Test
    void releasesAllTestedSamplesWhileTheWriterOfAFifoPauses() throws Exception {
      // given a writer that was fast, so that the reads are large
      Path fifo = Fifo.make(directory.resolve("fifo"));
      DeviceReader reader = read(fifo);
      try (OutputStream writer = Fifo.write(fifo)) {
        // at most two windows less one byte are in quarantine
        byte[] much = tested(40_000);
        Thread writing =
            Thread.ofPlatform()
                .daemon()
                .start(() -> {
                  try {
                    writer.write(much);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
        int samples = Sources.released(much.length, SIZE);
        assertThat(take(stream, samples)).isEqualTo(Arrays.copyOf(much, samples * SIZE));
        writing.join();

        // when it writes one window and a part of another, and pauses
        byte[] some = random(512 + 30);
        writer.write(some);

        // then
        int more = Sources.released(much.length + some.length, SIZE) - samples;
        assertThat(take(stream, more))
            .isEqualTo(Arrays.copyOfRange(much, samples * SIZE, (samples + more) * SIZE));
        assertThat(reader.status().state()).isEqualTo(DeviceState.HEALTHY);
      }
    }

    @Test
    void reportsADeletedFifoAndReadsItAgainWhenItIsRecreated() throws Exception {
      // given
      Path fifo = Fifo.make(directory.resolve("fifo"));
      DeviceReader reader = read(fifo);
      try (OutputStream writer = Fifo.write(fifo)) {
        writer.write(random(1_100));
        take(stream, 1);
        Files.delete(fifo);
      }
      awaitState(reader, DeviceState.FAILED);
      assertThat(reader.status().reason()).isEqualTo("does not exist");

      // when
      Fifo.make(fifo);
      awaitState(reader, DeviceState.OPENING);

      // then
      stream.clear();
      byte[] bytes = random(1_200);
      try (OutputStream writer = Fifo.write(fifo)) {
        writer.write(bytes);
        assertThat(take(stream, 2)).isEqualTo(Arrays.copyOf(bytes, 2 * SIZE));
      }
      assertThat(reader.status().bytesRead()).isEqualTo(1_100 + 1_200);
    }

    @Test
    void countsSilenceOnlyFromTheStartOfDemand() throws Exception {
      // given a read that has waited without demand
      Path fifo = Fifo.make(directory.resolve("fifo"));
      DeviceReader reader = read(fifo);
      try (OutputStream writer = Fifo.write(fifo)) {
        awaitState(reader, DeviceState.STARTUP);
        await("the read waits for a while").pollDelay(Duration.ofMillis(200)).until(() -> true);
        assertThat(reader.status().silence()).isZero();

        // when
        long before = System.nanoTime();
        assertThat(stream.poll(1, Long.MAX_VALUE)).isNull();
        Duration silence = reader.status().silence();

        // then
        assertThat(silence)
            .isPositive()
            .isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - before));
        writer.write(tested(1));
        take(stream, 1);
        assertThat(reader.status().silence()).isZero();
      }
    }

    @Test
    void reportsZeroCapacityOfASilentFifoUntilItProvidesBytes() throws Exception {
      // given
      stream = new SampleBuffer(SIZE, Duration.ofMillis(200), System::nanoTime);
      Path fifo = Fifo.make(directory.resolve("fifo"));
      DeviceReader reader = read(fifo);
      try (OutputStream writer = Fifo.write(fifo)) {
        awaitState(reader, DeviceState.STARTUP);
        assertThat(reader.status().capacity()).isEqualTo(PINNED);

        // when
        assertThat(stream.poll(1, Long.MAX_VALUE)).isNull();
        await("the device counts as silent").until(() -> reader.status().silent());

        // then, even after the waiting clients have ended their demand
        stream.demandEnded();
        assertThat(reader.status().silent()).isTrue();
        assertThat(reader.status().capacity()).isZero();

        // and
        writer.write(random(SIZE));
        await("the silence ends").until(() -> !reader.status().silent());
        assertThat(reader.status().capacity()).isEqualTo(PINNED);
      }
    }

    @Test
    void stopsWhileTheWriterOfAFifoIsSilent() throws Exception {
      // given
      Path fifo = Fifo.make(directory.resolve("silent-fifo"));
      DeviceReader reader = read(fifo);
      try (OutputStream writer = Fifo.write(fifo)) {
        writer.write(1);
        await("the reader reads the byte").until(() -> reader.status().bytesRead() == 1);

        // when
        reader.stop();

        // then
        await("the reader's thread exits").until(() -> !isAlive(fifo));
      }
    }
  }

  @Nested
  class ACharacterDevice {

    @Test
    void readsACharacterDeviceWhileThereIsDemand() {
      // given
      DeviceReader reader = read(Path.of("/dev/urandom"));

      // when
      byte[] taken = take(stream, 20_000);

      // then
      assertThat(taken).hasSize(20_000 * SIZE);
      assertThat(reader.status().state()).isEqualTo(DeviceState.HEALTHY);
      assertThat(reader.status().rate()).isPositive();
    }

    @Test
    void mustPassANewStartupTestWhenItIsAnotherDevice() {
      // given a device whose ready buffer is full
      AtomicReference<String> driver = new AtomicReference<>("one");
      DeviceReader reader = read(new DrivenDevice(() -> DrivenDevice.hardwareRng(driver.get())));
      await("the ready buffer is full").until(() -> stream.readySize() >= SampleBuffer.IDLE_SIZE);
      DeviceStatus.TestResult first = reader.status().lastTest();
      reader.look();
      assertThat(reader.status().lastTest()).isEqualTo(first);

      // when
      driver.set("other");
      reader.look();

      // then
      await("the device passes a second start-up test")
          .until(() -> !Objects.equals(reader.status().lastTest(), first));
      assertThat(reader.status().info().description()).isEqualTo("other");
      assertThat(Objects.requireNonNull(reader.status().lastTest()).failed()).isNull();
    }

    /** Clones of a machine would read the same. */
    @Test
    void discardsTheBytesThatTheDriverOfVirtioHasFetchedBefore() throws IOException {
      // given
      byte[] bytes = tested(4);
      Device file = Device.of(file(bytes).toString());

      // when
      read(new DrivenDevice(file, () -> DrivenDevice.hardwareRng("virtio_rng.0")));

      // then
      assertThat(take(stream, 2)).isEqualTo(Arrays.copyOfRange(bytes, 64, 64 + 2 * SIZE));
    }

    @Test
    void releasesNoSampleOfACharacterDeviceTwice() {
      // given
      read(Path.of("/dev/urandom"));

      // when
      byte[] taken = take(stream, 1_000);

      // then two equal samples would be one that was released twice
      assertThat(
              IntStream.range(0, 1_000)
                  .mapToObj(
                      i -> Arrays.toString(Arrays.copyOfRange(taken, i * SIZE, (i + 1) * SIZE))))
          .doesNotHaveDuplicates();
    }

    @Test
    void readsOnlyIntoTheSmallReadyBufferWithoutDemand() {
      // given
      DeviceReader reader = read(Path.of("/dev/urandom"));

      // when
      long read = bytesReadWhenItRests(reader);

      // then
      assertThat(read)
          .isBetween((long) SampleBuffer.IDLE_SIZE, (long) SampleBuffer.IDLE_SIZE + Slab.MAX_SIZE);
      assertThat(reader.status().silence()).isZero();
    }

    @Test
    void pausesReadingWhenDemandEnds() {
      // given
      DeviceReader reader = read(Path.of("/dev/urandom"));
      take(stream, 1_000);

      // when
      long read = bytesReadWhenItRests(reader);

      // then
      assertThat(read).isLessThanOrEqualTo(1_000 * SIZE + SampleBuffer.BUSY_SIZE + Slab.MAX_SIZE);
    }

    private long bytesReadWhenItRests(DeviceReader reader) {
      AtomicLong last = new AtomicLong();
      await("the reader pauses")
          .during(Duration.ofMillis(200))
          .until(() -> {
            long now = reader.status().bytesRead();
            return last.getAndSet(now) == now && now >= SampleBuffer.IDLE_SIZE;
          });
      return last.get();
    }

    @Test
    void reportsACharacterDeviceThatEndsAsFailed() {
      // given
      DeviceReader reader = read(Path.of("/dev/null"), LONG_PAUSE);

      // when
      awaitState(reader, DeviceState.FAILED);

      // then
      assertThat(reader.status().reason()).isEqualTo("ended, though a character device has no end");
      assertThat(stream.poll(1, Long.MAX_VALUE)).isNull();
    }
  }

  @Nested
  class ADeviceWhoseCapacityIsMeasured {

    @Test
    void readsWithoutDemandUntilTheCapacityIsKnownAndDiscardsNoByte() {
      // given
      DeviceReader reader = read(Path.of("/dev/urandom"), Double.NaN, LONG_PAUSE);

      // when
      await("the capacity is measured").until(() -> reader.status().capacity() > 0);

      // then
      await("the reader pauses")
          .during(Duration.ofMillis(200))
          .until(() ->
              reader.status().bytesRead() - stream.readySize()
                  < SIZE + 2 * HealthTests.WINDOW_SIZE);
      assertThat(reader.status().bytesRead()).isLessThan(DeviceMeter.MOST_AT_START + Slab.MAX_SIZE);
      assertThat(reader.status().untilCapacity()).isNull();
    }

    @Test
    void countsAnExhaustedFileAsMeasuredWithZeroCapacity() throws IOException {
      // given
      DeviceReader reader = read(file(random(SIZE)), Double.NaN, LONG_PAUSE);

      // when
      awaitState(reader, DeviceState.EXHAUSTED);

      // then
      assertThat(reader.isMeasured()).isTrue();
      assertThat(reader.status().capacity()).isZero();
    }

    @Test
    void measuresTheCapacityOfAFifoWrittenAtTenMebibytesPerSecond() throws Exception {
      // given
      double rate = 10 * 1_024 * 1_024;
      Path fifo = Fifo.make(directory.resolve("fifo"));
      // With samples of 100 bytes, a cold JVM spends most of the reader's time on samples instead
      // of reads.
      stream.close();
      stream = new SampleBuffer(2_048);
      stream.onRelease(this::takeAllThatIsReady);
      DeviceReader reader = read(fifo, Double.NaN, LONG_PAUSE);
      OutputStream writer = Fifo.write(fifo);
      Thread writing = Thread.ofPlatform().daemon().start(() -> writeAt(rate, writer));

      // when, then
      await("the estimate equals the rate while the test takes all samples")
          .atMost(Duration.ofSeconds(30))
          .until(() ->
              Math.abs(reader.status().capacity() - rate) < rate / 10
                  && reader.status().bytesRead() > rate * 2);
      reader.stop();
      writing.join();
    }

    private void takeAllThatIsReady() {
      for (SampleBatch batch = stream.poll(Long.MAX_VALUE, Long.MAX_VALUE);
          batch != null;
          batch = stream.poll(Long.MAX_VALUE, Long.MAX_VALUE)) {
        batch.release();
      }
    }

    private static void writeAt(double rate, OutputStream writer) {
      Random sound = new Random(2);
      byte[] burst = new byte[16 * 1_024];
      long begun = System.nanoTime();
      try (writer) {
        for (long written = 0; ; written += burst.length) {
          long due = begun + (long) (written / rate * 1e9);
          while (System.nanoTime() < due) {
            LockSupport.parkNanos(due - System.nanoTime());
          }
          sound.nextBytes(burst);
          writer.write(burst);
        }
      } catch (IOException e) {
        // the reader has closed the FIFO
      }
    }
  }

  @Nested
  class ASerialLine {

    @Test
    void failsWithItsReasonWhenItIsUnplugged() throws IOException {
      // given
      DeviceReader reader;
      try (Pty pty = Pty.open()) {
        reader = read(pty.path(), LONG_PAUSE);
        await("the line is open").until(() -> reader.status().state() == DeviceState.STARTUP);
        // when
      }

      // then
      awaitState(reader, DeviceState.FAILED);
      assertThat(reader.status().reason()).isEqualTo("was unplugged");
      assertThat(reader.status().untilRetry()).isPositive();
    }

    @Test
    void isReadAgainAfterItWasPluggedInAgain() throws IOException {
      // given
      Path link = directory.resolve("tty");
      DeviceReader reader;
      try (Pty pty = Pty.open()) {
        Files.createSymbolicLink(link, pty.path());
        reader = read(link);
        assertReads(pty, reader);
      }
      await("the line fails").until(() -> reader.status().lastFailure() != null);
      Sources.clear(stream);

      // when
      try (Pty pty = Pty.open()) {
        Files.delete(link);
        Files.createSymbolicLink(link, pty.path());

        // then
        assertReads(pty, reader);
      }
    }

    private void assertReads(Pty pty, DeviceReader reader) throws IOException {
      byte[] bytes = tested(3);
      await("the line is open").until(() -> reader.status().state() == DeviceState.STARTUP);
      pty.write(bytes);
      assertThat(take(stream, 3)).isEqualTo(Arrays.copyOf(bytes, 3 * SIZE));
    }

    @Test
    void discardsWhatTheLineStoredAfterAFailedTest() throws IOException {
      try (Pty pty = Pty.open()) {
        // given
        DeviceReader reader = read(pty.path());
        await("the line is open").until(() -> reader.status().state() == DeviceState.STARTUP);

        // when it sends zeros in one write, and a few of them fail a test
        pty.write(new byte[2_000]);
        await("a test fails").until(() -> testFailures(reader) > 0);
        pty.write(random(20 * SIZE + 5 * HealthTests.WINDOW_SIZE));

        // then
        awaitState(reader, DeviceState.HEALTHY);
        assertThat(testFailures(reader)).as("failures of the health tests").isEqualTo(1);
      }
    }

    private static long testFailures(DeviceReader reader) {
      return reader.status().testFailures().values().stream().mapToLong(n -> n).sum();
    }

    @Test
    void stopsAtOnceWhileItIsSilent() throws IOException {
      try (Pty pty = Pty.open()) {
        // given
        DeviceReader reader = read(pty.path());
        await("the line is open").until(() -> reader.status().state() == DeviceState.STARTUP);

        // when
        reader.stop();

        // then
        await("the reader's thread exits").until(() -> !isAlive(pty.path()));
      }
    }
  }

  @Nested
  class APathThatIsNoDevice {

    @Test
    void reportsAMissingDeviceAsFailedUntilItExists() throws IOException {
      // given
      Path path = directory.resolve("file");
      DeviceReader reader = read(path);
      // The state is OPENING again and again, without a reason.
      await("the device does not exist")
          .untilAsserted(() -> assertThat(reader.status().reason()).isEqualTo("does not exist"));

      // when
      byte[] bytes = tested(1);
      Path ready = Files.write(directory.resolve("ready"), bytes);
      Files.move(ready, path);

      // then
      assertThat(take(stream, 1)).isEqualTo(Arrays.copyOf(bytes, SIZE));
    }

    @Test
    void reportsADirectoryAsFailed() {
      // given
      DeviceReader reader = read(directory, LONG_PAUSE);

      // when
      awaitState(reader, DeviceState.FAILED);

      // then
      assertThat(reader.status().reason())
          .isEqualTo("is neither a character device nor a FIFO nor a file");
    }
  }
}
