// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.netrng.server.device.Device;
import io.netrng.server.healthtest.HealthTests;
import io.netrng.server.source.Source.Availability;
import io.netrng.server.source.SourceProperties.DeviceProperties;
import io.netrng.startup.StartupException;
import io.netrng.unit.DataRate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

class SourceTest {

  @TempDir Path directory;

  private final Random random = new Random(1);
  private @Nullable Source source;

  @AfterEach
  void stop() {
    if (source != null) {
      source.stop();
    }
  }

  private Source start(Path... devices) {
    return start(null, devices);
  }

  private Source start(@Nullable DataRate capacity, Path... devices) {
    Source made = Sources.source(64, capacity, devices);
    source = made;
    made.start();
    return made;
  }

  private byte[] random(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  private Path file(String name, int size) throws IOException {
    return Files.write(directory.resolve(name), random(size));
  }

  @Nested
  class DoesNotStart {

    private void withASentence(Path device, String problem) {
      assertThatExceptionOfType(StartupException.class)
          .isThrownBy(() -> Sources.source(64, device).start())
          .withMessage("netrng.server.source.devices = %s cannot be read: %s.", device, problem)
          .satisfies(e -> assertThat(e.cure()).contains("Name a device", "/dev/hwrng"));
    }

    @Test
    void rejectsAMissingDevice() {
      withASentence(directory.resolve("none"), "does not exist");
    }

    @Test
    void rejectsADirectory() {
      withASentence(directory, "is neither a character device nor a FIFO nor a file");
    }
  }

  @Nested
  class DoesNotStartWithOneDeviceUnderTwoNames {

    private void refused(Path device, Path other) {
      assertThatExceptionOfType(StartupException.class)
          .isThrownBy(() -> Sources.source(64, device, other).start())
          .withMessage(
              "netrng.server.source.devices = %s and %s are the same device.", device, other)
          .satisfies(e -> assertThat(e.cure()).contains("netrng.server.source.devices"));
    }

    @Test
    void rejectsADeviceAndASymbolicLinkToIt() throws IOException {
      Path link = directory.resolve("link");
      refused(file("a", 64), Files.createSymbolicLink(link, directory.resolve("a")));
      refused(
          Path.of("/dev/urandom"),
          Files.createSymbolicLink(directory.resolve("urandom"), Path.of("/dev/urandom")));
    }

    @Test
    void rejectsADeviceAndAHardLinkToIt() throws Exception {
      Path fifo = Fifo.make(directory.resolve("fifo"));
      refused(fifo, Files.createLink(directory.resolve("other"), fifo));
    }

    @Test
    void rejectsADeviceAndItsPathThroughAnotherDirectory() {
      refused(Path.of("/dev/urandom"), Path.of("/proc/self/root/dev/urandom"));
    }
  }

  @Nested
  class Starts {

    @Test
    void startsWithDifferentDevicesOfEqualContent() throws IOException {
      byte[] bytes = random(64);
      Path one = Files.write(directory.resolve("one"), bytes);
      Path other = Files.write(directory.resolve("other"), bytes);
      assertThat(start(one, other, Path.of("/dev/random"), Path.of("/dev/urandom")).isRunning())
          .isTrue();
    }

    @Test
    void startsWithoutWaitingForTheWriterOfAFifo() throws Exception {
      // when
      Source started = start(Fifo.make(directory.resolve("fifo")));

      // then
      assertThat(started.isRunning()).isTrue();
      assertThat(started.availability())
          .isEqualTo(new Availability.Expected(Duration.ofSeconds(1)));
    }
  }

  @Nested
  class ADeviceThatIsTestedOnDemand {

    @Test
    void passesANewStartupTestWithoutDemandAndReleasesNoByteOfItsQuarantine() throws Exception {
      // given a device whose ready buffer is full, so that it waits for demand
      Source started = start(DataRate.valueOf("1MB/s"), Path.of("/dev/urandom"));
      await("the ready buffer is full")
          .until(() -> started.stream().readySize() >= SampleBuffer.IDLE_SIZE);
      DeviceStatus before = started.devices().getFirst();

      // when
      assertThat(started.test("/dev/urandom")).isTrue();

      // then
      await("the device has a new result")
          .until(() -> !Objects.equals(started.devices().getFirst().lastTest(), before.lastTest()));
      DeviceStatus after = started.devices().getFirst();
      assertThat(Objects.requireNonNull(after.lastTest()).failed()).isNull();
      assertThat(after.bytesRead() - before.bytesRead())
          .isGreaterThanOrEqualTo(HealthTests.START_UP_SIZE);
      assertThat(after.testFailures().values()).containsOnly(0L);
    }

    /** As after the restore of a virtual machine. */
    @Test
    void passesANewStartupTestAfterADiscard() {
      // given
      Source started = start(DataRate.valueOf("1MB/s"), Path.of("/dev/urandom"));
      await("the ready buffer is full")
          .until(() -> started.stream().readySize() >= SampleBuffer.IDLE_SIZE);
      DeviceStatus before = started.devices().getFirst();

      // when
      started.discard();

      // then
      await("the device has a new result")
          .until(() -> !Objects.equals(started.devices().getFirst().lastTest(), before.lastTest()));
      assertThat(started.devices().getFirst().bytesRead() - before.bytesRead())
          .isGreaterThanOrEqualTo(HealthTests.START_UP_SIZE);
    }

    @Test
    void isNotTestedWhileItIsNotRead() throws Exception {
      Source started = start(Fifo.make(directory.resolve("fifo")));
      assertThat(started.test(directory.resolve("fifo").toString())).isFalse();
      assertThatExceptionOfType(NoSuchElementException.class)
          .isThrownBy(() -> started.test("/dev/other"));
    }
  }

  @Nested
  class RawBytes {

    @Test
    void areTakenInOrderWithoutDemandAndAreNeverReleased() throws Exception {
      // given
      byte[] content = random(64 << 10);
      Path file = Files.write(directory.resolve("file"), content);
      Source made = Sources.source(64, DataRate.valueOf("1MB/s"), file);
      source = made;
      ByteArrayOutputStream raw = new ByteArrayOutputStream();

      // when the tap is set before the start, it takes the first bytes
      made.takeRaw(
          file.toString(),
          100,
          batch -> {
            raw.writeBytes(Sources.entropyOf(batch));
            batch.release();
          });
      made.start();
      byte[] released = Sources.take(made.stream(), 200);

      // then
      assertThat(raw.toByteArray()).isEqualTo(Arrays.copyOf(content, 100 * 64));
      assertThat(released).isEqualTo(Arrays.copyOfRange(content, 100 * 64, 300 * 64));
    }

    @Test
    void goToClientsAgainAfterTheTapIsClosed() throws Exception {
      // given a tap that takes all bytes of a device
      Source started = start(DataRate.valueOf("1MB/s"), Path.of("/dev/urandom"));
      AtomicLong taken = new AtomicLong();
      Runnable close =
          started.takeRaw(
              "/dev/urandom",
              Long.MAX_VALUE,
              batch -> {
                taken.addAndGet(batch.samples());
                batch.release();
              });
      await("the tap takes bytes that no client requests").until(() -> taken.get() > 1_000);

      // when
      close.run();

      // then
      assertThat(Sources.take(started.stream(), 1_000)).hasSize(1_000 * 64);
      long after = taken.get();
      assertThat(Sources.take(started.stream(), 1_000)).hasSize(1_000 * 64);
      assertThat(taken).hasValue(after);
    }
  }

  @Nested
  class TwoFifosFedByTheSameBytes {

    @Test
    void fifosFedWithTheSameBytesFailAndReleaseNoByteTwice() throws Exception {
      // given
      byte[] bytes = random(1 << 20);
      Map<Long, Integer> places = places(bytes);
      Path one = Fifo.make(directory.resolve("one"));
      Path other = Fifo.make(directory.resolve("other"));
      Source started = start(DataRate.valueOf("1MB/s"), one, other);
      Thread tee = Thread.ofPlatform().daemon().start(() -> tee(bytes, one, other));

      // when
      BitSet given = new BitSet(bytes.length);
      await("all bytes are written, or a device pauses after its third failure")
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(5))
          .until(() -> {
            drain(started, places, given);
            return !tee.isAlive() || started.devices().stream().anyMatch(d -> failures(d) > 2);
          });
      drain(started, places, given);

      // then
      assertThat(given.cardinality()).isPositive();
      assertThat(started.devices())
          .allSatisfy(device -> assertThat(failures(device)).isPositive())
          .allSatisfy(device ->
              assertThat(Objects.requireNonNull(device.lastFailure()).reason())
                  .contains("replayed-window"));
      tee.interrupt();
    }

    private static long failures(DeviceStatus device) {
      return device.testFailures().values().stream().mapToLong(n -> n).sum();
    }

    /** Writes to both FIFOs in fragments whose size differs from that of windows. */
    private void tee(byte[] bytes, Path one, Path other) {
      try (OutputStream first = Fifo.write(one);
          OutputStream second = Fifo.write(other)) {
        for (int from = 0; from < bytes.length; from += 1_000) {
          int size = Math.min(1_000, bytes.length - from);
          first.write(bytes, from, size);
          second.write(bytes, from, size);
        }
      } catch (IOException e) {
        // the source has stopped
      }
    }

    /** Takes all ready samples and marks their positions. No position may be marked before. */
    private static void drain(Source started, Map<Long, Integer> places, BitSet given) {
      for (SampleBatch batch : Sources.takeReady(started.stream(), Integer.MAX_VALUE)) {
        byte[] sample = Sources.entropyOf(batch);
        batch.release();
        int place = Objects.requireNonNull(places.get(ByteBuffer.wrap(sample).getLong()));
        assertThat(given.get(place, place + sample.length).isEmpty())
            .as("the bytes from %d on are released once", place)
            .isTrue();
        given.set(place, place + sample.length);
      }
    }

    private static Map<Long, Integer> places(byte[] bytes) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return IntStream.rangeClosed(0, bytes.length - Long.BYTES)
          .boxed()
          .collect(Collectors.toMap(buffer::getLong, Function.identity()));
    }
  }

  @Nested
  class SourceAvailability {

    @Test
    void isAvailableOnlyAfterADevicePassesItsStartupTests() throws Exception {
      // given
      Path fifo = Fifo.make(directory.resolve("fifo"));
      Source started = start(DataRate.valueOf("1KB/s"), fifo);

      // when
      try (OutputStream writer = Fifo.write(fifo)) {
        writer.write(random(HealthTests.START_UP_SIZE - 1));
        await("the reader has tested all bytes")
            .until(() -> started.devices().getFirst().bytesRead() == HealthTests.START_UP_SIZE - 1);

        // then
        assertThat(started.devices().getFirst().state()).isEqualTo(DeviceState.STARTUP);
        assertThat(started.availability()).isInstanceOf(Availability.Expected.class);
        writer.write(1);
        await("the device is healthy")
            .until(() -> started.availability() instanceof Availability.Available);
      }
    }

    @Test
    void isUnavailableFromALongSilenceOfItsDeviceUntilTheNextByte() throws Exception {
      // given
      Path fifo = Fifo.make(directory.resolve("fifo"));
      Source silent =
          new Source(
              new SourceProperties(
                  DataSize.ofBytes(64),
                  new SourceProperties.Source(
                      List.of(DeviceProperties.valueOf(fifo.toString())), false),
                  Sources.HEALTH,
                  DataRate.valueOf("1KB/s")),
              Duration.ofMillis(200));
      silent.start();
      try (OutputStream writer = Fifo.write(fifo)) {
        writer.write(random(HealthTests.START_UP_SIZE));
        await("the device is available")
            .until(() -> silent.availability() instanceof Availability.Available);

        // when all released samples are taken
        Sources.take(silent.stream(), HealthTests.WINDOW_SIZE / 64);
        assertThat(silent.stream().poll(1, Long.MAX_VALUE)).isNull();

        // then
        await("the device is unavailable for a minute")
            .until(silent::availability, new Availability.Expected(Duration.ofMinutes(1))::equals);
        assertThat(silent.status().capacity()).isZero();

        // and
        writer.write(1);
        await("the device is available again")
            .until(() -> silent.availability() instanceof Availability.Available);
      } finally {
        silent.stop();
      }
    }

    @Test
    void isAvailableWhileOneOfItsDevicesIsAvailable() throws IOException {
      // given
      Source started = start(file("file", 10), Path.of("/dev/urandom"));
      await("the file is exhausted")
          .until(() -> started.devices().getFirst().state() == DeviceState.EXHAUSTED);

      // when, then
      await("the other device is measured")
          .until(() -> started.availability() instanceof Availability.Available);
      assertThat(started.status().capacity()).isPositive();
    }

    @Test
    void isAvailableWhileAnExhaustedFileHasReadySamples() throws IOException {
      // given
      Source started = start(file("file", 1_024));
      await("the file is exhausted")
          .until(() -> started.devices().getFirst().state() == DeviceState.EXHAUSTED);
      assertThat(started.availability()).isEqualTo(new Availability.Available());

      // when
      Sources.take(started.stream(), Sources.released(1_024, 64));

      // then
      assertThat(started.availability()).isEqualTo(new Availability.Exhausted());
    }
  }

  @Nested
  class ItsCapacity {

    private static void assertCapacity(Source of, double capacity, boolean pinned) {
      SourceStatus status = of.status();
      assertThat(status.capacity()).isEqualTo(capacity);
      assertThat(status.capacityAge()).isEqualTo(Duration.ZERO);
      assertThat(status.pinned()).isEqualTo(pinned);
    }

    @Test
    void isUnavailableUntilTheCapacityIsMeasured() throws Exception {
      // given
      Path fifo = Fifo.make(directory.resolve("fifo"));
      Source started = start(fifo);

      // when a device returns too few bytes to measure
      try (OutputStream writer = Fifo.write(fifo)) {
        writer.write(random(HealthTests.START_UP_SIZE));
        await("the device is read").until(() -> started.stream().readySize() > 0);

        // then
        assertThat(started.availability())
            .isInstanceOfSatisfying(
                Availability.Expected.class,
                expected ->
                    assertThat(expected.in())
                        .isBetween(Duration.ofSeconds(1), DeviceMeter.LONGEST_START));
        assertThat(started.devices().getFirst().capacity()).isNaN();
        assertCapacity(started, 0, false);
      }
    }

    @Test
    void capacityIsTheSumOverTheReadDevices() throws IOException {
      // given
      Source started = start(file("file", 640), Path.of("/dev/random"), Path.of("/dev/urandom"));

      // when
      await("all devices are measured or exhausted")
          .until(() ->
              started.devices().stream()
                  .allMatch(d -> d.state() == DeviceState.EXHAUSTED || d.capacity() > 0));

      // then
      assertThat(started.devices().getFirst().capacity()).isZero();
      assertThat(started.status().capacity())
          .isEqualTo(started.devices().stream().mapToDouble(DeviceStatus::capacity).sum());
      assertThat(started.status().pinned()).isFalse();
    }

    @Test
    void capacityIsThePinnedValue() {
      // given
      Source started =
          start(DataRate.valueOf("3KB/s"), Path.of("/dev/random"), Path.of("/dev/urandom"));

      // when
      await("both devices are healthy")
          .until(() -> started.devices().stream().allMatch(d -> d.state() == DeviceState.HEALTHY));

      // then
      assertCapacity(started, 3_072, true);
      assertThat(started.availability()).isEqualTo(new Availability.Available());
    }
  }

  @Nested
  class ADeviceWithAClaimBelow8 {

    private static final int INPUT = 144;

    private Source start(Path device, Conditioning conditioning, @Nullable DataRate capacity) {
      Source made =
          new Source(
              new SourceProperties(
                  DataSize.ofBytes(100),
                  new SourceProperties.Source(
                      List.of(
                          new DeviceProperties(
                              Device.of(device.toString()), 4.0, conditioning, capacity)),
                      true),
                  Sources.HEALTH,
                  null));
      source = made;
      made.start();
      return made;
    }

    private byte[] digests(byte[] bytes, int samples) throws Exception {
      MessageDigest sha512 = MessageDigest.getInstance("SHA-512");
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int from = 0; all.size() < samples * 100; from += INPUT) {
        all.writeBytes(sha512.digest(Arrays.copyOfRange(bytes, from, from + INPUT)));
      }
      return Arrays.copyOf(all.toByteArray(), samples * 100);
    }

    @Test
    void releasesTheDigestsOfItsBytes() throws Exception {
      // given bytes of which the last 512 remain in quarantine
      int size = 600 * INPUT + 512;
      byte[] bytes = random(size);
      Path file = Files.write(directory.resolve("file"), bytes);

      // when
      Source started = start(file, Conditioning.AUTO, DataRate.valueOf("1KB/s"));

      // then
      int samples = Sources.released(size, 100) * 100 / INPUT * 64 / 100;
      assertThat(Sources.take(started.stream(), samples)).isEqualTo(digests(bytes, samples));
      await("the file is exhausted")
          .until(() -> started.devices().getFirst().state() == DeviceState.EXHAUSTED);
      assertThat(started.stream().poll(1, Long.MAX_VALUE)).as("the rest").isNull();
      DeviceStatus status = started.devices().getFirst();
      assertThat(status.bytesRead()).isEqualTo(size);
      assertThat(status.minEntropyClaim()).isEqualTo(4);
      assertThat(status.conditioning()).isEqualTo(Conditioning.SHA_512);
    }

    @Test
    void releasesItsBytesUnchangedWithoutConditioning() throws Exception {
      byte[] bytes = random(10_240);
      Path file = Files.write(directory.resolve("file"), bytes);
      Source started = start(file, Conditioning.NONE, DataRate.valueOf("1KB/s"));
      assertThat(Sources.take(started.stream(), 90)).isEqualTo(Arrays.copyOf(bytes, 9_000));
      assertThat(started.devices().getFirst().conditioning()).isEqualTo(Conditioning.NONE);
    }

    @Test
    void doesNotStartWithoutTheLibraryThatConditionsIt() {
      Source started = start(Path.of("/dev/urandom"), Conditioning.AUTO, DataRate.valueOf("1KB/s"));
      assertThatExceptionOfType(StartupException.class)
          .isThrownBy(() ->
              Source.requireConditioning(
                  started.devices(), () -> Optional.of("libcrypto.so.3 is not installed")))
          .withMessage(
              "netrng.server.source.devices = /dev/urandom with 4.0 bits of min-entropy per byte cannot be conditioned: libcrypto.so.3 is not installed.")
          .satisfies(e -> assertThat(e.cure()).contains("libssl3", "openssl-libs", "libcrypto3"));
    }

    @Test
    void aServerWithoutConditionedDevicesDoesNotLoadTheLibrary() {
      Source started = start(Path.of("/dev/urandom"), Conditioning.NONE, DataRate.valueOf("1KB/s"));
      Source.requireConditioning(
          started.devices(),
          () -> {
            throw new AssertionError("the library was needed");
          });
      assertThat(started.isRunning()).isTrue();
    }

    @Test
    void countsReleasedBytesInItsCapacityAndReadBytesInItsRate() {
      // when
      Source started = start(Path.of("/dev/urandom"), Conditioning.SHA_512, null);
      await("the capacity is measured").until(() -> started.status().capacity() > 0);

      // then
      DeviceStatus status = started.devices().getFirst();
      assertThat(status.outputRatio()).isEqualTo(64.0 / INPUT);
      SourceStatus all = new SourceStatus(List.of(status), 0, true, false);
      assertThat(all.readRate()).isCloseTo(status.rate() * 64 / INPUT, within(1.0));
    }
  }

  @Test
  void readsAllItsDevicesIntoOneStreamOfDisjointSamples() throws IOException {
    // given
    Source started = start(file("one", 1_640), file("other", 2_280), Path.of("/dev/urandom"));

    // when
    Set<Long> offsets = new HashSet<>();
    await("samples of all three devices arrive")
        .until(() -> {
          for (SampleBatch batch : Sources.takeReady(started.stream(), 1_000)) {
            assertThat(offsets.add(batch.offset())).isTrue();
            assertThat(batch.offset() % 64).isZero();
            batch.release();
          }
          return started.devices().stream().allMatch(d -> d.bytesRead() > 0);
        });

    // then
    assertThat(started.devices())
        .extracting(DeviceStatus::device)
        .containsExactly(
            directory.resolve("one").toString(),
            directory.resolve("other").toString(),
            "/dev/urandom");
  }

  @Test
  void remeasuresTheCapacityOnlyIfItIsOlderThanTheGivenAge() {
    // given a device without demand
    Source started = start(Path.of("/dev/urandom"));
    await("the capacity is measured").until(() -> started.status().measured());
    await("the reader pauses").until(() -> started.stream().readySize() > 0);
    long before = started.devices().getFirst().bytesRead();

    // when, then
    started.remeasureIfOlderThan(Duration.ofDays(1));
    assertThat(started.stream().readySize()).as("the ready samples remain").isPositive();
    started.remeasureIfOlderThan(Duration.ZERO);
    await("the device is read for a new measurement")
        .until(() -> started.devices().getFirst().bytesRead() >= before + 128 * 1024);
    await("the reader refills the buffer").until(() -> started.stream().readySize() > 0);
  }

  @Test
  void stopDestroysReadySamples() {
    // given
    Source started = start(Path.of("/dev/urandom"));
    await("samples are ready").until(() -> started.stream().readySize() > 0);

    // when
    started.stop();

    // then
    assertThat(started.isRunning()).isFalse();
    assertThat(started.stream().readySize()).isZero();
    assertThat(started.stream().poll(1, Long.MAX_VALUE)).isNull();
  }
}
