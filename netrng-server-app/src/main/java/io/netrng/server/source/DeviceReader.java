// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.server.device.Device;
import io.netrng.server.device.DeviceChannel;
import io.netrng.server.device.HardwareRng;
import io.netrng.server.healthtest.HealthTest;
import io.netrng.server.healthtest.HealthTests;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.backoff.BackOff;
import org.springframework.util.backoff.BackOffExecution;

/**
 * Reads one device on a thread of its own, as long as the sample buffer has space.
 *
 * <pre>
 *            +------ the last writer of a FIFO closes ------+
 *            v                                              |
 *   start -> OPENING -- open --> STARTUP -- 1,024 B --> HEALTHY -- end of a file --> EXHAUSTED
 *            ^    |               ^   |      pass           |
 *          pause  |               |   |                     |
 *            |  error       pause |   | error, or the end of a character device,
 *            |    v               |   v or a test fails     v
 *            +-- FAILED ----------+--------------------------
 * </pre>
 *
 * Each event that ends HEALTHY also ends STARTUP. After an error the device is opened again. After
 * a failed test, reading continues in STARTUP, so that the writer of a FIFO keeps its connection.
 * From the third failure in a row on, a pause precedes STARTUP.
 */
final class DeviceReader implements SlabReader.Control {

  private static final Logger log = LoggerFactory.getLogger(DeviceReader.class);

  private final Device device;
  private final SampleBuffer stream;
  private final HealthTests tests;
  private final Supplier<Output> outputs;
  private final TestFailures testFailures;
  private final BackOff backOff;
  private final DeviceMeter meter;
  private final DeviceWatch watch;
  private final Thread thread;
  private final CountDownLatch stopping = new CountDownLatch(1);

  private volatile Phase phase = new Phase(DeviceState.OPENING, null, 0);
  private volatile long startupFrom;
  private volatile boolean restarts;
  private volatile @Nullable Tap tap;
  private volatile DeviceStatus.@Nullable TestResult lastTest;
  private volatile DeviceStatus.@Nullable Failure lastFailure;
  private volatile @Nullable DeviceChannel open;

  /** The state and its details; retryAt is on the clock of {@link System#nanoTime}. */
  private record Phase(DeviceState state, @Nullable String reason, long retryAt) {}

  /** Why the reading of a channel ended. */
  private enum Ended {
    /** The channel ended. */
    AT_THE_END,
    /** A health test failed. */
    BY_A_FAILURE,
    /** A new start-up test was requested. */
    BY_A_REQUEST
  }

  /**
   * Creates a reader that is not started.
   *
   * @param outputs creates the recipient of the samples that leave a quarantine
   * @param meter measures the device
   * @param watch observes what the device is
   * @param backOff the pauses after errors; reset when the device has given a byte, and for
   *     failures of the tests when the device has passed them for long
   */
  DeviceReader(
      Device device,
      SampleBuffer stream,
      HealthTests tests,
      Supplier<Output> outputs,
      DeviceMeter meter,
      DeviceWatch watch,
      BackOff backOff) {
    this.device = device;
    this.stream = stream;
    this.tests = tests;
    this.outputs = outputs;
    this.meter = meter;
    testFailures = new TestFailures(backOff);
    this.backOff = backOff;
    this.watch = watch;
    thread = Thread.ofPlatform().daemon().name("reader-" + device.shortName()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /**
   * Stops reading at once. Does not wait, because opening a FIFO without a writer cannot be
   * interrupted.
   */
  void stop() {
    stopping.countDown();
    thread.interrupt();
    DeviceChannel channel = open;
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        log.atDebug().addKeyValue("device", device.name()).setCause(e).log("closing failed");
      }
    }
  }

  /**
   * Measures the capacity as at the start.
   *
   * @return whether a new measurement was started
   */
  boolean remeasure() {
    return meter.restart();
  }

  /** Looks whether the device is another one, which must pass a new start-up test. */
  void look() {
    if (watch.look()) {
      testAgain();
    }
  }

  /**
   * Requests a new start-up test. The bytes in quarantine are destroyed.
   *
   * @return whether the device is being read
   */
  boolean testAgain() {
    restarts = true;
    stream.wakeReaders();
    return phase.state.isReading();
  }

  /** Gives the next samples to a tap, in place of an earlier one. */
  void tap(Tap newTap) {
    tap = newTap;
    stream.wakeReaders();
  }

  DeviceStatus status() {
    Phase now = phase;
    boolean failed = now.state == DeviceState.FAILED;
    boolean reading = now.state.isReading();
    double capacity = capacity(now.state);
    return new DeviceStatus(
        device.name(),
        watch.info(),
        now.state,
        now.reason,
        failed ? Duration.ofNanos(Math.max(0, now.retryAt - System.nanoTime())) : null,
        failed || now.state == DeviceState.STARTUP ? untilTested(failed) : null,
        testFailures.counts(),
        lastTest,
        lastFailure,
        tests.figures(),
        meter.bytesRead(),
        meter.rate(),
        capacity,
        reading ? meter.capacityAge() : Duration.ZERO,
        reading && Double.isNaN(capacity) ? meter.untilCapacity() : null,
        meter.stallDuration(),
        meter.isStalled(),
        watch.warnings(),
        watch.claim(),
        meter.outputRatio());
  }

  /** The device's capacity in a state, in bytes per second; NaN while it is unknown. */
  private double capacity(DeviceState state) {
    return switch (state) {
      case OPENING -> Double.NaN;
      case STARTUP -> testFailures.inARow() > 0 ? 0 : meter.capacity();
      case HEALTHY -> meter.capacity();
      case FAILED, EXHAUSTED -> 0;
    };
  }

  /** The expected time to read the rest of the start-up test, or all of it. */
  private Duration untilTested(boolean all) {
    long tested = all ? 0 : meter.bytesRead() - startupFrom;
    return meter.timeFor(Math.max(0, HealthTests.START_UP_SIZE - tested));
  }

  /** Whether the device's capacity is or was known. */
  boolean isMeasured() {
    return meter.isMeasured();
  }

  private void run() {
    BackOffExecution pauses = backOff.start();
    try {
      while (!isStopping() && phase.state != DeviceState.EXHAUSTED) {
        long before = meter.bytesRead();
        String reason = tryToRead();
        if (reason != null && !isStopping()) {
          if (meter.bytesRead() > before) {
            pauses = backOff.start();
          }
          fail(reason, pauses.nextBackOff());
        }
      }
    } catch (InterruptedException e) {
      // stop() interrupts the wait.
    }
  }

  /** Returns the reason of a read failure, or null at a regular end. */
  private @Nullable String tryToRead() throws InterruptedException {
    try {
      readToTheEnd();
      return null;
    } catch (IOException e) {
      return reasonOf(e);
    } catch (RuntimeException | OutOfMemoryError e) {
      // Catches everything, because a terminated reader must not appear to be reading.
      log.atError()
          .addKeyValue("device", device.name())
          .setCause(e)
          .log("reader failed unexpectedly");
      return "a fault of the server: " + e;
    }
  }

  private void fail(String reason, long pauseMillis) throws InterruptedException {
    log.atWarn()
        .addKeyValue("device", device.name())
        .addKeyValue("reason", reason)
        .addKeyValue("retry-after-ms", pauseMillis)
        .log("device failed");
    pause(reason, pauseMillis);
  }

  private void failTest(HealthTest test) throws InterruptedException {
    boolean startingUp = phase.state == DeviceState.STARTUP;
    if (startingUp) {
      lastTest = new DeviceStatus.TestResult(Instant.now(), test);
    }
    long pauseMillis = testFailures.add(startingUp ? HealthTest.START_UP : test);
    log.atError()
        .addKeyValue("device", device.name())
        .addKeyValue("test", test.externalName())
        .addKeyValue("state", phase.state.externalName())
        .addKeyValue("failures-in-a-row", testFailures.inARow())
        .addKeyValue("retry-after-ms", pauseMillis)
        .log("health test failed");
    String reason = startingUp ? "failed its start-up test: " : "failed a health test: ";
    pause(reason + test.externalName(), pauseMillis);
  }

  private void pause(String reason, long millis) throws InterruptedException {
    lastFailure = new DeviceStatus.Failure(Instant.now(), reason);
    long retryAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    phase = new Phase(DeviceState.FAILED, reason, retryAt);
    if (stopping.await(millis, TimeUnit.MILLISECONDS)) {
      throw new InterruptedException("stopping");
    }
  }

  private void readToTheEnd() throws IOException, InterruptedException {
    phase = new Phase(DeviceState.OPENING, null, 0);
    DeviceChannel.End end;
    long begin = meter.bytesRead();
    try (DeviceChannel channel = device.open(begin)) {
      open = channel;
      watch.look();
      meter.opened();
      log.atInfo().addKeyValue("device", device.name()).log("device is open");
      startUp();
      HardwareRng rng = watch.info().hardwareRng();
      reader(channel).skip(rng == null ? 0 : rng.prefetchedBytes());
      begin = meter.bytesRead();
      Ended ended = readOn(channel);
      while (ended != Ended.AT_THE_END) {
        SlabReader rest = reader(channel);
        if (ended == Ended.BY_A_FAILURE && channel.stores()) {
          rest.emptyPipe();
        }
        rest.skip(Math.floorMod(begin - meter.bytesRead(), HealthTests.WINDOW_SIZE));
        meter.rested();
        ended = readOn(channel);
      }
      end = channel.end();
    } finally {
      open = null;
      meter.closed();
    }
    switch (end) {
      case REOPEN ->
          log.atInfo().addKeyValue("device", device.name()).log("device ended and is opened again");
      case EXHAUSTED -> {
        meter.exhausted();
        phase = new Phase(DeviceState.EXHAUSTED, "was read to its end", 0);
        log.atWarn()
            .addKeyValue("device", device.name())
            .addKeyValue("bytes", meter.bytesRead())
            .log("file is exhausted and will not be read again");
      }
    }
  }

  /** Reads from a start-up test on, until the end. The pause after a failure has then ended. */
  private Ended readOn(DeviceChannel channel) throws IOException, InterruptedException {
    restarts = false;
    startUp();
    HealthTest failed = reader(channel).readToTheEnd();
    if (failed != null) {
      failTest(failed);
      return Ended.BY_A_FAILURE;
    }
    if (restarts) {
      // The skipped bytes that follow belong to the test.
      startUp();
      return Ended.BY_A_REQUEST;
    }
    return Ended.AT_THE_END;
  }

  private void startUp() {
    startupFrom = meter.bytesRead();
    phase = new Phase(DeviceState.STARTUP, null, 0);
  }

  /** The recipient of the samples that no tap takes. */
  private Output tapped(Output output) {
    return new Output() {
      @Override
      public void take(SampleBatch batch) {
        Tap open = tap;
        SampleBatch rest = open == null ? batch : open.take(batch);
        if (rest != null) {
          output.take(rest);
        }
      }

      @Override
      public void destroy() {
        output.destroy();
      }
    };
  }

  private SlabReader reader(DeviceChannel channel) {
    Quarantine quarantine = new Quarantine(tests, stream.sampleSize(), tapped(outputs.get()));
    return new SlabReader(channel, stream, quarantine, meter, this);
  }

  @Override
  public void onPassed(Quarantine quarantine) {
    if (phase.state == DeviceState.STARTUP && quarantine.hasStartedUp()) {
      lastTest = new DeviceStatus.TestResult(Instant.now(), null);
      phase = new Phase(DeviceState.HEALTHY, null, 0);
      log.atInfo().addKeyValue("device", device.name()).log("device passed its start-up test");
    }
    testFailures.passed(quarantine.passed());
  }

  @Override
  public boolean isInterrupted() {
    return restarts;
  }

  @Override
  public boolean isUrgent() {
    Tap open = tap;
    return restarts || (open != null && open.isOpen());
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  /** A short reason for an exception, without the path. */
  static String reasonOf(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "does not exist";
      case AccessDeniedException _ -> "permission denied";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
