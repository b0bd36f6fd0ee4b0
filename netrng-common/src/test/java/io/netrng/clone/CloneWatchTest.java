// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;

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
    Files.writeString(root.resolve("cpuinfo"), "flags\t\t: fpu hypervisor\n");
    Files.writeString(root.resolve("uptime"), "1.00 1.00\n");
    setGeneration(1);
  }

  private void setGeneration(long generation) throws IOException {
    ByteBuffer page = ByteBuffer.allocate(112).order(ByteOrder.LITTLE_ENDIAN);
    page.putInt(0, 0x4b4c4356).putLong(24, 0x100).putLong(104, generation);
    // At once, because the watch reads the file at any time.
    Path next = Files.write(root.resolve("next"), page.array());
    Files.move(next, root.resolve("vmclock0"), StandardCopyOption.ATOMIC_MOVE);
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
    assertThat(events).containsExactly("wipe", "wipe", "prepare");
    assertThat(replacements.getFirst().count()).isEqualTo(1);
    assertThat(replacements.getFirst().signal()).isEqualTo("vmclock");
    verify(manager).replacing(any());
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

  @Test
  void wipesAtOnceButPostponesTheReplacementAboveTheLimit(CapturedOutput output)
      throws IOException {
    // given
    long now = System.nanoTime();
    DetectedClone third =
        new DetectedClone(3, "vmclock", now, now + 3 * DetectedClone.INTERVAL.toNanos());
    hasProvided = true;
    CloneWatch made = start(true, Optional.of(third));

    // when
    setGeneration(2);

    // then
    await("detection").until(() -> made.detections() == 4);
    await("a wipe").until(() -> events.contains("wipe"));
    await("the log").until(() -> output.toString().contains(DETECTED));
    assertThat(replacements).isEmpty();
    assertThat(events).doesNotContain("prepare");
  }

  @Test
  void measuresTheTimeToFreshEntropyAfterAReplacement(CapturedOutput output) {
    // given
    long before = System.nanoTime() - Duration.ofSeconds(2).toNanos();
    CloneWatch made = start(true, Optional.of(new DetectedClone(1, "kernel-log", before, 0)));
    assertThat(made.untilFresh()).isEmpty();
    verify(manager).replaced();

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
