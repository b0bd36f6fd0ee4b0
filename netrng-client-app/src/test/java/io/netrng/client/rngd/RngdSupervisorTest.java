// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.client.sink.CapSysAdminCheck;
import io.netrng.client.sink.CapSysAdminCheck.User;
import io.netrng.client.sink.FeedBuffer;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@Tag("slow")
class RngdSupervisorTest {

  private static final RngdTimings TIMINGS =
      new RngdTimings(
          Duration.ofMillis(20),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          Duration.ofMillis(300),
          Duration.ofSeconds(2),
          Duration.ofMillis(300));
  private static final int BLOCK = RngdFamily.BLOCK;
  private static final int PREAMBLE = 8;

  @TempDir Path directory;

  private final FeedBuffer feed = new FeedBuffer(ByteBuffer.allocateDirect(FeedBuffer.CAPACITY));
  private Path program;
  private RngdSupervisor supervisor;

  @BeforeEach
  void anRngd() {
    program = directory.resolve("rngd");
    supervisor = supervisor(program.toString());
  }

  private RngdSupervisor supervisor(String command) {
    return new RngdSupervisor(
        new RngdLocator(command, List.of(directory), Duration.ofSeconds(5)), feed, TIMINGS);
  }

  @AfterEach
  void stop() throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    supervisor.stop(stopped::countDown);
    assertThat(stopped.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(supervisor.state()).isInstanceOf(RngdState.Stopped.class);
    assertThat(ProcessHandle.current().children()).isEmpty();
  }

  private void feed(int size) {
    byte[] bytes = new byte[size];
    RandomGenerator.getDefault().nextBytes(bytes);
    feed.offer(Unpooled.wrappedBuffer(bytes));
  }

  private RngdState.Running awaitRunning() {
    await("rngd runs").until(() -> supervisor.state() instanceof RngdState.Running);
    return (RngdState.Running) supervisor.state();
  }

  private RngdState.Running awaitReady() {
    await("rngd accepts input").until(() -> feed.freeSpace() > 0);
    return awaitRunning();
  }

  private RngdFailure awaitFailure(FailureReason reason) {
    await("rngd fails").until(() -> supervisor.failures(reason) > 0 && lastFailure().isPresent());
    return lastFailure().orElseThrow();
  }

  private Optional<RngdFailure> lastFailure() {
    return switch (supervisor.state()) {
      case RngdState.Stopped() -> Optional.empty();
      case RngdState.Running running -> running.unresolved();
      case RngdState.Failed(var failure, var retryAt) -> Optional.of(failure);
    };
  }

  private static void signal(String signal, long pid) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-" + signal, String.valueOf(pid)).start().waitFor())
        .isZero();
  }

  @Nested
  class Feeding {

    @Test
    void feedsWholeBlocksAfterThePreambleAndCountsTheBytesThatRngdConsumes() {
      FakeRngd.write(program, FakeRngd.TAKES);
      supervisor.start();
      awaitReady();
      assertThat(supervisor.sinceTaken()).isEmpty();

      feed(10_000);

      int taken = PREAMBLE + 3 * BLOCK;
      await("rngd consumes the block").until(() -> feed.consumedBytes() == taken);
      assertThat(feed.fedBytes()).isEqualTo(taken);
      assertThat(feed.freeSpace()).isEqualTo(FeedBuffer.CAPACITY - (10_000 - taken));
      assertThat(supervisor.sinceTaken()).isPresent();
      assertThat(supervisor.restarts()).isZero();
    }

    @Test
    void reportsTheProgramAndThePidOfARunningRngd() {
      FakeRngd.write(program, FakeRngd.TAKES);
      supervisor.start();
      RngdState.Running running = awaitRunning();
      assertThat(running.program().path()).isEqualTo(program);
      assertThat(ProcessHandle.of(running.pid())).isPresent();
    }
  }

  @Nested
  @ExtendWith(OutputCaptureExtension.class)
  class Killed {

    @Test
    void restartsAKilledRngdAfterThePauseAndFeedsIt(CapturedOutput output) throws Exception {
      FakeRngd.write(program, FakeRngd.TAKES);
      supervisor.start();
      long first = awaitReady().pid();

      signal("KILL", first);

      // This test only checks the pause, which RngdTimings limits to 1 s. SupervisionIT measures
      // the time.
      await("another rngd runs")
          .until(() -> supervisor.restarts() == 1 && awaitRunning().pid() != first);
      assertThat(output)
          .containsPattern("reason=\"killed\" detail=\"[^\"]*\" retry-after-ms=\"20\"");
      assertThat(supervisor.failures(FailureReason.KILLED)).isEqualTo(1);
      assertThat(awaitRunning().unresolved()).isEmpty();
      awaitReady();
      feed(PREAMBLE + BLOCK);
      await("rngd consumes the block").until(() -> feed.consumedBytes() == PREAMBLE + BLOCK);
    }

    @Test
    void discardsTheBytesInThePipeOfAKilledRngdAndFreesTheirSpace() throws Exception {
      FakeRngd.write(program, "exec sleep 60");
      supervisor.start();
      long first = awaitReady().pid();
      feed(PREAMBLE + BLOCK);
      await("rngd receives the block").until(() -> feed.inPipe() == PREAMBLE + BLOCK);
      FakeRngd.write(program, FakeRngd.TAKES);

      signal("KILL", first);

      await("there is free space").until(() -> feed.freeSpace() == FeedBuffer.CAPACITY);
      assertThat(feed.consumedBytes()).isZero();
      assertThat(feed.fedBytes()).isEqualTo(PREAMBLE + BLOCK);
    }
  }

  @Nested
  class Ended {

    @ParameterizedTest
    @ValueSource(ints = {10, 64})
    void waitsTheRejectedPauseIfRngdRejectsAnOptionOrAPath(int code) {
      FakeRngd.write(program, "exit " + code);
      Instant before = Instant.now();
      supervisor.start();

      RngdFailure failure = awaitFailure(FailureReason.REJECTED);

      assertThat(failure.detail()).startsWith("exit code " + code);
      assertThat(supervisor.state())
          .isInstanceOfSatisfying(
              RngdState.Failed.class,
              failed ->
                  assertThat(failed.retryAt())
                      .isAfterOrEqualTo(before.plus(TIMINGS.rejectedPause())));
      assertThat(feed.freeSpace()).isZero();
    }

    @Test
    void reportsAnEndedSourceForExitCode0AndRestartsRngd() {
      FakeRngd.write(program, "exit 0");
      supervisor.start();
      assertThat(awaitFailure(FailureReason.EXITED).detail()).contains("its source had ended");
      await("the supervisor restarts rngd repeatedly").until(() -> supervisor.restarts() > 2);
      assertThat(lastFailure()).as("a failure until an rngd consumes input").isPresent();
    }

    @Test
    void reportsTheErrorOutputOfAnExitedRngdAndItsExitCode() {
      FakeRngd.write(program, "echo 'No entropy sources working, exiting rngd' >&2; exit 0");
      supervisor.start();
      assertThat(awaitFailure(FailureReason.REPORTED).detail())
          .isEqualTo("No entropy sources working, exiting rngd; exit code 0: its source had ended");
    }
  }

  @Nested
  class Faults {

    @ParameterizedTest
    @CsvSource({
      "RNDADDENTROPY failed: Operation not permitted",
      "'[hwrng ]: Initialization Failed'",
      "'too many FIPS failures, disabling entropy source'",
      "'Too many bad blocks, entropy source malfunction assumed'"
    })
    void restartsARunningRngdThatReportsAFault(String line) {
      FakeRngd.write(program, "echo '" + line + "' >&2; " + FakeRngd.TAKES);
      supervisor.start();
      assertThat(awaitFailure(FailureReason.REPORTED).detail()).startsWith(line);
      await("the supervisor restarts rngd").until(() -> supervisor.restarts() > 0);
    }

    @Test
    void findsAReportedFaultInALineWithoutEnd() {
      FakeRngd.write(
          program,
          "printf 'RNDADDENTROPY failed: Operation not permitted';"
              + " head -c 100000 /dev/zero | tr '\\0' x; "
              + FakeRngd.TAKES);
      supervisor.start();
      assertThat(awaitFailure(FailureReason.REPORTED).detail())
          .startsWith("RNDADDENTROPY failed: Operation not permittedx");
    }

    @Test
    void aSingleFipsFailureIsNotAnRngdFailure() {
      FakeRngd.write(program, "echo 'block failed FIPS test: 0x1f' >&2; " + FakeRngd.TAKES);
      supervisor.start();
      awaitReady();
      feed(PREAMBLE + BLOCK);
      await("rngd consumes input").until(() -> feed.consumedBytes() > 0);
      assertThat(lastFailure()).isEmpty();
    }

    @Test
    void countsIdenticalFipsFailuresSeparately() {
      String failure = "echo 'block failed FIPS test: 0x1f' >&2; ";
      FakeRngd.write(program, failure + failure + "echo fine >&2; " + FakeRngd.TAKES);
      supervisor.start();
      await("the supervisor counts both failures").until(() -> supervisor.fipsFailures() == 2);
    }

    @Test
    void keepsTheFipsFailureCountOfEarlierProcesses() {
      FakeRngd.write(program, "echo 'too many FIPS failures, disabling entropy source' >&2");
      supervisor.start();
      await("the supervisor restarts rngd repeatedly").until(() -> supervisor.fipsFailures() > 1);
    }

    @Test
    void restartsAStalledRngdAndReportsTheFailureUntilOneConsumesBytes() {
      FakeRngd.write(program, "exec sleep 60");
      supervisor.start();
      awaitReady();
      feed(10_000);

      RngdFailure failure = awaitFailure(FailureReason.STALLED);

      assertThat(failure.detail()).contains("took nothing for");
      await("another rngd runs").until(() -> supervisor.restarts() > 0);
      assertThat(lastFailure().map(RngdFailure::reason)).contains(FailureReason.STALLED);
      FakeRngd.write(program, FakeRngd.TAKES);
      await("an rngd that consumes input runs")
          .until(() -> {
            if (feed.freeSpace() > BLOCK) {
              feed(BLOCK);
            }
            return feed.consumedBytes() > 0 && lastFailure().isEmpty();
          });
    }

    @Test
    void reportsAnRngdThatClosesItsInputAsStalled() {
      FakeRngd.write(program, "sleep 0.3; exec sleep 60 < /dev/null");
      supervisor.start();
      awaitReady();
      await("rngd fails")
          .until(() -> {
            feed(BLOCK);
            return supervisor.failures(FailureReason.STALLED) > 0;
          });
      assertThat(lastFailure()).isPresent();
    }

    @Test
    void replacesAnRngdThatIsSuspendedBeforeItsFirstRead() {
      FakeRngd.write(program, "kill -STOP $$; " + FakeRngd.TAKES);
      supervisor.start();

      RngdFailure failure = awaitFailure(FailureReason.STALLED);

      assertThat(failure.detail()).contains("did not wait for its first byte");
      FakeRngd.write(program, FakeRngd.TAKES);
      awaitReady();
      feed(PREAMBLE + BLOCK);
      await("the next rngd consumes the block")
          .until(() -> feed.consumedBytes() == PREAMBLE + BLOCK);
      await("the failure is cleared").until(() -> lastFailure().isEmpty());
    }

    @Test
    void killsAndReplacesASuspendedRngd() throws Exception {
      FakeRngd.write(program, FakeRngd.TAKES);
      supervisor.start();
      long first = awaitReady().pid();

      signal("STOP", first);
      feed(200_000);

      awaitFailure(FailureReason.STALLED);
      await("another rngd runs").until(() -> supervisor.restarts() == 1);
      assertThat(ProcessHandle.of(first)).isEmpty();
    }
  }

  @Nested
  class Removed {

    @Test
    void feedsARunningRngdWhoseProgramIsRemovedAndRestartsItOnceRestored() throws Exception {
      FakeRngd.write(program, FakeRngd.TAKES);
      supervisor.start();
      long first = awaitReady().pid();

      Files.delete(program);
      feed(PREAMBLE + BLOCK);
      await("rngd consumes input again").until(() -> feed.consumedBytes() > 0);
      signal("KILL", first);

      RngdFailure failure = awaitFailure(FailureReason.UNUSABLE);
      assertThat(failure.detail()).contains("is found");
      FakeRngd.write(program, FakeRngd.TAKES);
      awaitRunning();
    }
  }

  @Nested
  class Stopping {

    @Test
    void killsAnRngdThatIgnoresEndOfInputAndSigtermOnStop() throws Exception {
      FakeRngd.write(program, "trap '' TERM; while :; do sleep 0.05; done");
      supervisor.start();
      long pid = awaitRunning().pid();
      stop();
      assertThat(ProcessHandle.of(pid)).isEmpty();
      anRngd();
    }
  }

  @Nested
  class InstalledRngd {

    @Test
    void theInstalledRngdConsumesAllFedBytes() {
      CapSysAdminCheck.require(Path.of("/proc/self"), User.CHILD);
      RngdLocator locator = new RngdLocator("rngd");
      supervisor = new RngdSupervisor(locator, feed, TIMINGS);
      supervisor.start();
      int preamble = awaitReady().program().family().preamble();

      feed(preamble + 40 * BLOCK);

      await("rngd consumes all blocks").until(() -> feed.consumedBytes() == preamble + 40L * BLOCK);
      assertThat(lastFailure()).isEmpty();
    }
  }
}
