// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.server.healthtest.Cutoffs;
import io.netrng.server.healthtest.HealthTests;
import io.netrng.server.healthtest.ReplayMemory;
import io.netrng.startup.CheckedLifecycle;
import io.netrng.startup.StartupException;
import io.netrng.unit.DataRate;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.util.backoff.BackOff;
import org.springframework.util.backoff.ExponentialBackOff;

/** The entry point of this package: all devices, and the stream of their samples. */
public final class Source implements CheckedLifecycle {

  private static final Logger log = LoggerFactory.getLogger(Source.class);

  static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** The reason of the C library if the rules of a unit or container do not allow a device. */
  private static final String EPERM = "Operation not permitted";

  /** Starts before the listener, so that the first clients find entropy. */
  private static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 10;

  private final SampleBuffer stream;
  private final List<DeviceReader> readers;
  private final List<Path> devices;
  private final boolean pinned;
  private volatile boolean running;

  Source(SourceProperties properties) {
    this(properties, SampleBuffer.LONG_WAIT);
  }

  Source(SourceProperties properties, Duration longestSilence) {
    stream =
        new SampleBuffer((int) properties.sampleSize().toBytes(), longestSilence, System::nanoTime);
    devices = properties.source().devices();
    DataRate capacity = properties.capacity();
    pinned = capacity != null;
    double share =
        capacity == null ? Double.NaN : (double) capacity.bytesPerSecond() / devices.size();
    Cutoffs cutoffs = properties.health().cutoffs();
    ReplayMemory memory = new ReplayMemory(new SecureRandom().nextLong());
    readers =
        devices.stream()
            .map(d -> {
              HealthTests tests = new HealthTests(cutoffs, memory);
              return new DeviceReader(d, stream, tests, share, backOff());
            })
            .toList();
  }

  /** The samples of all devices. */
  public SampleBuffer stream() {
    return stream;
  }

  /** A snapshot of all devices. */
  public SourceStatus status() {
    // In this order: at the end of a file, all samples that passed are then ready.
    return new SourceStatus(
        devices(), stream.readySize(), readers.stream().anyMatch(DeviceReader::isMeasured), pinned);
  }

  /** A snapshot of the devices, in the order of the configuration. */
  public List<DeviceStatus> devices() {
    return readers.stream().map(DeviceReader::status).toList();
  }

  /** Whether samples are available now, or when they are expected. */
  public Availability availability() {
    return status().availability();
  }

  /**
   * Measures the capacity again if it is not pinned and its value is older than this. A refused
   * client has no demand. Without a new measurement, a device that was slow once would count as
   * slow permanently.
   */
  public void remeasureIfOlderThan(Duration age) {
    if (pinned || status().capacityAge().compareTo(age) <= 0) {
      return;
    }
    // Once for each measurement: clients that are refused meanwhile must not empty the buffer
    // again.
    if (readers.stream().filter(DeviceReader::remeasure).count() > 0) {
      stream.clear();
    }
  }

  /** The availability of entropy. */
  public sealed interface Availability {

    /** Samples are ready, or a device passes its tests, and its capacity is known. */
    record Available() implements Availability {}

    /**
     * No device provides bytes at present, or its test or measurement has not finished.
     *
     * @param in the expected time until the test and the measurement of a device finish
     */
    record Expected(Duration in) implements Availability {}

    /** All devices are files and have been read to the end. */
    record Exhausted() implements Availability {}
  }

  /** Opens no device: to open one can reset it, or take it from its reader. */
  @Override
  public void checkStart() {
    devices.forEach(Source::requireAccess);
    requireDistinct(devices);
  }

  @Override
  public void start() {
    checkStart();
    devices.forEach(Source::requireReadable);
    readers.forEach(DeviceReader::start);
    running = true;
    log.atInfo()
        .addKeyValue("devices", devices)
        .addKeyValue("sample-size", stream.sampleSize())
        .addKeyValue("epoch", stream.epoch())
        .log("source started");
  }

  @Override
  public void stop() {
    running = false;
    readers.forEach(DeviceReader::stop);
    stream.close();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }

  private static void requireAccess(Path device) {
    try {
      var _ = DeviceKind.of(device);
      device.getFileSystem().provider().checkAccess(device, AccessMode.READ);
    } catch (IOException e) {
      throw unreadable(device, e);
    }
  }

  /** Stops the start before the server listens, so that the operator can fix the device. */
  private static void requireReadable(Path device) {
    try {
      DeviceKind kind = DeviceKind.of(device);
      // Opening a FIFO would wait for its writer.
      if (kind != DeviceKind.FIFO) {
        FileChannel.open(device, StandardOpenOption.READ).close();
      }
      if (kind == DeviceKind.FILE) {
        log.atWarn()
            .addKeyValue("device", device)
            .log("a file is not a noise source: its samples repeat at the next start");
      }
    } catch (IOException e) {
      throw unreadable(device, e);
    }
  }

  /**
   * Refuses one device under two paths: it would be counted twice, and each reader would receive a
   * part of its bytes.
   */
  private static void requireDistinct(List<Path> devices) {
    Map<DeviceIdentity, Path> names = new HashMap<>();
    for (Path device : devices) {
      Path other = names.putIfAbsent(identityOf(device), device);
      if (other != null) {
        throw new StartupException(
            "netrng.server.source.devices = %s and %s are the same device."
                .formatted(other, device),
            "Name each device once in netrng.server.source.devices.");
      }
    }
  }

  private static DeviceIdentity identityOf(Path device) {
    try {
      return DeviceIdentity.of(device);
    } catch (IOException e) {
      throw unreadable(device, e);
    }
  }

  private static StartupException unreadable(Path device, IOException cause) {
    return new StartupException(
        "netrng.server.source.devices = %s cannot be read: %s."
            .formatted(device, DeviceReader.reasonOf(cause)),
        cureOf(device, cause));
  }

  private static String cureOf(Path device, IOException cause) {
    return switch (cause) {
      case AccessDeniedException _ ->
          "Add the server's user to the group of %s, or give the device to the user's group by a rule of udev; 'Another device' in docs/operate.md has examples."
              .formatted(device);
      case FileSystemException f when EPERM.equals(f.getReason()) ->
          "Allow the device in the server's unit (systemctl edit netrng-server): DeviceAllow=%s r"
              .formatted(device);
      default ->
          "Name a device that this user may read, such as /dev/hwrng where"
              + " /sys/class/misc/hw_random/rng_current is not 'none'.";
    };
  }

  private static BackOff backOff() {
    ExponentialBackOff backOff = new ExponentialBackOff(FIRST_PAUSE.toMillis(), 2);
    backOff.setMaxInterval(LONGEST_PAUSE.toMillis());
    return backOff;
  }
}
