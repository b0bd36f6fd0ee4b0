// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.server.conditioning.Sha512;
import io.netrng.server.device.Device;
import io.netrng.server.healthtest.HealthTests;
import io.netrng.server.healthtest.ReplayMemory;
import io.netrng.server.source.SourceProperties.DeviceProperties;
import io.netrng.startup.CheckedLifecycle;
import io.netrng.startup.StartupException;
import io.netrng.unit.DataRate;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.util.backoff.BackOff;
import org.springframework.util.backoff.ExponentialBackOff;

/** The entry point of this package: all devices, and the stream of their samples. */
public final class Source implements CheckedLifecycle {

  private static final Logger log = LoggerFactory.getLogger(Source.class);

  static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** Starts before the listener, so that the first clients find entropy. */
  private static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 10;

  private final SampleBuffer stream;
  private final List<DeviceReader> readers;
  private final List<Device> devices;
  private final boolean pinned;
  private volatile boolean running;

  Source(SourceProperties properties) {
    this(properties, SampleBuffer.LONG_WAIT);
  }

  Source(SourceProperties properties, Duration longestSilence) {
    stream =
        new SampleBuffer((int) properties.sampleSize().toBytes(), longestSilence, System::nanoTime);
    List<DeviceProperties> configured = properties.source().devices();
    devices = configured.stream().map(DeviceProperties::device).toList();
    pinned =
        properties.capacity() != null
            || configured.stream().allMatch(device -> device.capacity() != null);
    ReplayMemory memory = new ReplayMemory(new SecureRandom().nextLong());
    readers = configured.stream().map(device -> reader(device, properties, memory)).toList();
  }

  private DeviceReader reader(
      DeviceProperties device, SourceProperties properties, ReplayMemory memory) {
    double minEntropy = device.minEntropyPerByteOr(properties.health().minEntropyPerByte());
    HealthTests tests = new HealthTests(properties.health().cutoffs(minEntropy), memory);
    boolean conditioned = device.conditioning().appliesTo(minEntropy);
    double outputRatio = conditioned ? Conditioning.outputRatio(minEntropy) : 1;
    DeviceMeter meter =
        new DeviceMeter(stream, pinned(device, properties), outputRatio, System::nanoTime);
    Supplier<Output> outputs =
        conditioned ? () -> new Conditioner(stream, minEntropy) : () -> Output.into(stream);
    DeviceWatch watch = new DeviceWatch(device.device(), minEntropy, tests::figures);
    return new DeviceReader(device.device(), stream, tests, outputs, meter, watch, backOff());
  }

  /** The configured capacity of a device, or its share of that of all, in bytes per second. */
  private static double pinned(DeviceProperties device, SourceProperties properties) {
    if (device.capacity() != null) {
      return device.capacity().bytesPerSecond();
    }
    DataRate ofAll = properties.capacity();
    return ofAll == null
        ? Double.NaN
        : (double) ofAll.bytesPerSecond() / properties.source().devices().size();
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

  /** Looks once per second whether a device has another driver, or needs attention. */
  @Scheduled(fixedRate = 1_000)
  void look() {
    if (running) {
      readers.forEach(DeviceReader::look);
    }
  }

  /**
   * Requests a new start-up test of a device: the on-demand test of SP 800-90B 4.3. The bytes in
   * its quarantine are destroyed. The result is in the status of the device.
   *
   * @param device its name
   * @return whether the device is being read, so that a result will follow
   * @throws NoSuchElementException if there is no such device
   */
  public boolean test(String device) {
    return reader(device).testAgain();
  }

  /**
   * Destroys the bytes that were read and not handed out: ready samples, and those in quarantine
   * and in conditioning. Each device then passes a new start-up test.
   */
  public void discard() {
    readers.forEach(DeviceReader::testAgain);
    stream.clear();
  }

  /**
   * Takes the next raw samples of a device: tested and not conditioned. No client receives them. In
   * the meantime, the device provides nothing to clients.
   *
   * @param device its name
   * @param samples the number of samples, at least one
   * @param recipient owns each batch that it receives, on the thread of the device
   * @return ends the taking
   * @throws NoSuchElementException if there is no such device
   */
  public Runnable takeRaw(String device, long samples, Consumer<SampleBatch> recipient) {
    Tap tap = new Tap(samples, recipient);
    reader(device).tap(tap);
    return tap::close;
  }

  private DeviceReader reader(String device) {
    for (int i = 0; i < devices.size(); i++) {
      if (devices.get(i).name().equals(device)) {
        return readers.get(i);
      }
    }
    throw new NoSuchElementException(device);
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
    requireConditioning(devices(), Sha512::problem);
  }

  @Override
  public void start() {
    checkStart();
    devices.forEach(Source::requireReadable);
    readers.forEach(DeviceReader::start);
    running = true;
    log.atInfo()
        .addKeyValue("devices", devices.stream().map(Device::name).toList())
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

  private static void requireAccess(Device device) {
    try {
      device.check();
    } catch (IOException e) {
      throw unreadable(device, e);
    }
  }

  /** Stops the start before the server listens, so that the operator can fix the device. */
  private static void requireReadable(Device device) {
    try {
      device.tryOpen();
    } catch (IOException e) {
      throw unreadable(device, e);
    }
  }

  /**
   * Stops the start if a device must be conditioned and cannot be.
   *
   * @param problem the reason why there is no SHA-512; asked for only if a device needs it
   */
  static void requireConditioning(List<DeviceStatus> devices, Supplier<Optional<String>> problem) {
    for (DeviceStatus device : devices) {
      if (device.conditioning() == Conditioning.SHA_512) {
        problem
            .get()
            .ifPresent(reason -> {
              throw new StartupException(
                  "netrng.server.source.devices = %s with %s bits of min-entropy per byte cannot be conditioned: %s."
                      .formatted(device.device(), device.minEntropyClaim(), reason),
                  "Install OpenSSL's libcrypto 3: libssl3 or libssl3t64 on Debian and Ubuntu, openssl-libs on Fedora and RHEL, libcrypto3 on Alpine.");
            });
      }
    }
  }

  /**
   * Refuses one device under two names: it would be counted twice, and each reader would receive a
   * part of its bytes.
   */
  private static void requireDistinct(List<Device> devices) {
    Map<Object, Device> names = new HashMap<>();
    for (Device device : devices) {
      Device other = names.putIfAbsent(identityOf(device), device);
      if (other != null) {
        throw new StartupException(
            "netrng.server.source.devices = %s and %s are the same device."
                .formatted(other.name(), device.name()),
            "Name each device once in netrng.server.source.devices.");
      }
    }
  }

  private static Object identityOf(Device device) {
    try {
      return device.identity();
    } catch (IOException e) {
      throw unreadable(device, e);
    }
  }

  private static StartupException unreadable(Device device, IOException cause) {
    return new StartupException(
        "netrng.server.source.devices = %s cannot be read: %s."
            .formatted(device.name(), DeviceReader.reasonOf(cause)),
        device.fixFor(cause));
  }

  private static BackOff backOff() {
    ExponentialBackOff backOff = new ExponentialBackOff(FIRST_PAUSE.toMillis(), 2);
    backOff.setMaxInterval(LONGEST_PAUSE.toMillis());
    return backOff;
  }
}
