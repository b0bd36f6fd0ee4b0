// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import io.netrng.service.PassedDescriptors;
import io.netrng.service.ServiceManager;
import io.netrng.testing.PeriodicTasks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** CloneIT of netrng-e2e tests the replacement of a real process. */
@ExtendWith(OutputCaptureExtension.class)
class CloneWatchTest {

  private static final String DETECTED = "clone detected, replacing the process";

  @TempDir Path root;

  private final List<String> events = new CopyOnWriteArrayList<>();
  private final List<DetectedClone> replacements = new CopyOnWriteArrayList<>();
  private final ExecutorService network = Executors.newSingleThreadExecutor();
  private final ServiceManager manager = mock(ServiceManager.class);
  private volatile boolean hasProvided;
  private @Nullable CloneWatch watch;

  private final CloneHandler handler =
      new CloneHandler() {
        @Override
        public List<Executor> networkThreads() {
          return List.of(network);
        }

        @Override
        public void wipe() {
          events.add("wipe");
        }

        @Override
        public void prepareReplacement() {
          events.add("prepare");
        }

        @Override
        public boolean hasProvided() {
          return hasProvided;
        }
      };

  @BeforeEach
  void makeAVirtualMachine() throws IOException {
    doAnswer(_ -> events.add("notify")).when(manager).replacing(any());
    Files.writeString(root.resolve("cpuinfo"), "flags\t\t: fpu hypervisor\n");
    Files.writeString(root.resolve("uptime"), "1.00 1.00\n");
    setGeneration(1);
  }

  /** Binds a vmgenid device, and sets the number of interrupts of ACPI. */
  private void setInterrupts(int count) throws IOException {
    Path driver = Files.createDirectories(root.resolve("bus/acpi/drivers/vmgenid"));
    if (!Files.isSymbolicLink(driver.resolve("QEMUVGID:00"))) {
      Files.createSymbolicLink(driver.resolve("QEMUVGID:00"), Path.of("../../devices/x"));
    }
    replaceFile(
        "interrupts", "  9:  %d   IO-APIC   9-fasteoi   acpi%n".formatted(count).getBytes(UTF_8));
  }

  /** Replaces it at once, because the watch reads it at any time. */
  private void replaceFile(String name, byte[] content) throws IOException {
    Path next = Files.write(root.resolve("next"), content);
    Files.move(next, root.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private void setGeneration(long generation) throws IOException {
    ByteBuffer page = ByteBuffer.allocate(112).order(ByteOrder.LITTLE_ENDIAN);
    page.putInt(0, 0x4b4c4356).putLong(24, 0x100).putLong(104, generation);
    replaceFile("vmclock0", page.array());
  }

  private CloneWatch start(boolean detects, Optional<DetectedClone> replaced) {
    CloneWatch made =
        new CloneWatch(
            detects,
            handler,
            PeriodicTasks.SCHEDULER,
            manager,
            new CloneSignals(root, root, root, new PassedDescriptors(List.of())),
            replacements::add,
            replaced);
    watch = made;
    made.start();
    return made;
  }

  @AfterEach
  void stop() {
    if (watch != null) {
      watch.stop();
    }
    network.shutdownNow();
  }

  private void awaitReplacements(int count) {
    await("replacements").until(() -> replacements.size() == count);
  }

  private static void request() throws Exception {
    Process kill = new ProcessBuilder("kill", "-USR1", "" + ProcessHandle.current().pid()).start();
    assertThat(kill.waitFor()).isZero();
  }

  @Test
  void wipesBeforeAndAfterTheNetworkIsFrozenAndThenReplacesTheProcess(CapturedOutput output)
      throws IOException {
    // given
    start(true, Optional.empty());

    // when
    setGeneration(2);

    // then
    awaitReplacements(1);
    assertThat(events).containsExactly("wipe", "wipe", "notify", "prepare");
    assertThat(replacements.getFirst().count()).isEqualTo(1);
    assertThat(replacements.getFirst().signal()).isEqualTo("vmclock");
    assertThat(output).contains(DETECTED);
  }

  @Test
  void letsNoThreadOfTheNetworkWorkAfterADetection() throws IOException {
    start(true, Optional.empty());
    setGeneration(2);
    awaitReplacements(1);
    CountDownLatch worked = new CountDownLatch(1);

    network.execute(worked::countDown);

    assertThat(network.shutdownNow()).hasSize(1);
    assertThat(worked.getCount()).isEqualTo(1);
  }

  @Test
  void replacesTheProcessOnRequestAlsoWithoutDetection() throws Exception {
    CloneWatch made = start(false, Optional.empty());
    assertThat(made.signals()).containsExactly("request");

    request();

    awaitReplacements(1);
    assertThat(replacements.getFirst().signal()).isEqualTo("request");
  }

  /** A detection after which no further replacement is permitted for five minutes. */
  private static Optional<DetectedClone> atTheLimit() {
    long now = System.nanoTime();
    return Optional.of(
        new DetectedClone(
            3, "acpi-interrupt", now, now + 3 * DetectedClone.INTERVAL.toNanos(), Map.of()));
  }

  @Test
  void wipesOnceAndPostponesTheReplacementForASignalAboveTheLimitThatMayBeFalse(
      CapturedOutput output) throws IOException {
    // given
    setInterrupts(1);
    hasProvided = true;
    CloneWatch made = start(true, atTheLimit());
    assertThat(made.signals()).contains("acpi-interrupt");

    // when it fires, and fires again
    setInterrupts(2);
    await("detection").until(() -> made.detections() == 4);
    setInterrupts(3);

    // then
    await("the next detection").until(() -> made.detections() == 5);
    assertThat(events).containsExactly("wipe");
    assertThat(output.toString().split(DETECTED, -1)).hasSize(2);
    assertThat(replacements).isEmpty();
  }

  @Test
  void replacesTheProcessForACertainSignalAlsoAboveTheLimit() throws IOException {
    // given a replacement that is postponed
    setInterrupts(1);
    Optional<DetectedClone> third = atTheLimit();
    CloneWatch made = start(true, third);
    setInterrupts(2);
    await("detection").until(() -> made.detections() == 4);
    assertThat(replacements).isEmpty();

    // when
    setGeneration(2);

    // then it does not count for the limit
    awaitReplacements(1);
    assertThat(replacements.getFirst().signal()).isEqualTo("vmclock");
    assertThat(replacements.getFirst().debt()).isEqualTo(third.orElseThrow().debt());
    made.poll();
    assertThat(replacements).hasSize(1);
  }

  @Test
  void givesTheNewProgramTheCountersOfTheSignals() throws IOException {
    setInterrupts(7);
    start(true, Optional.empty());

    setGeneration(2);

    awaitReplacements(1);
    assertThat(replacements.getFirst().counters())
        .containsOnly(Map.entry("vmclock", 2L), Map.entry("acpi-interrupt", 7L));
  }

  @Test
  void detectsARestoreDuringTheReplacement() throws IOException {
    setGeneration(3);

    start(true, Optional.of(new DetectedClone(1, "vmclock", 1, 0, Map.of("vmclock", 2L))));

    awaitReplacements(1);
    assertThat(replacements.getFirst().count()).isEqualTo(2);
  }

  @Test
  void measuresTheTimeToFreshEntropyAfterAReplacement(CapturedOutput output) {
    // given
    long before = System.nanoTime() - Duration.ofSeconds(2).toNanos();
    CloneWatch made =
        start(true, Optional.of(new DetectedClone(1, "kernel-log", before, 0, Map.of())));
    assertThat(made.untilFresh()).isEmpty();

    // when
    hasProvided = true;

    // then
    await("fresh entropy").until(() -> made.untilFresh().isPresent());
    assertThat(made.untilFresh().orElseThrow())
        .isBetween(Duration.ofSeconds(2), Duration.ofMinutes(1));
    assertThat(output).contains("fresh entropy after a clone");
    Health health = new CloneHealth(made).health();
    assertThat(health.getDetails())
        .containsEntry("lastSignal", "kernel-log")
        .containsEntry("detections", 1L)
        .containsKeys("detectedAt", "millisToFreshEntropy", "signals");
  }

  @Test
  void stopsToWatchASignalThatCannotBeRead(CapturedOutput output) throws IOException {
    CloneWatch made = start(true, Optional.empty());
    Files.delete(root.resolve("vmclock0"));

    await("the signal ends").until(() -> !made.signals().contains("vmclock"));

    assertThat(output).contains("signal of clones cannot be read and is not watched");
    assertThat(replacements).isEmpty();
  }
}
