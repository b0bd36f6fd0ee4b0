// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.protocol.ServerFrame.Welcome;
import io.netrng.server.device.Device;
import io.netrng.server.healthtest.Cutoffs;
import io.netrng.server.healthtest.HealthTests;
import io.netrng.startup.PropertyChecks;
import io.netrng.unit.DataRate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The devices, their health tests and the size of samples.
 *
 * @param sampleSize bytes of entropy in each sample, from 16B to 64KB
 * @param source the devices
 * @param health the strictness of the health tests
 * @param capacity the rate of all devices together, from 1B/s to 1TB/s; measured if it is not set
 */
@ConfigurationProperties("netrng.server")
record SourceProperties(
    @DefaultValue("2KB") DataSize sampleSize,
    @DefaultValue Source source,
    @DefaultValue Health health,
    @Nullable DataRate capacity) {

  private static final PropertyChecks CHECKS = new PropertyChecks("netrng.server.");
  private static final DataSize LEAST_SIZE = DataSize.ofBytes(Welcome.MIN_SAMPLE_SIZE);
  private static final DataSize MOST_SIZE = DataSize.ofBytes(Welcome.MAX_SAMPLE_SIZE);
  private static final DataRate LARGEST_CAPACITY = DataRate.valueOf("1TB/s");
  private static final String CAPACITY_FIX =
      "set it to a rate from 1B/s to 1TB/s, or leave it out to have it measured";

  /** Checks the ranges. */
  public SourceProperties {
    CHECKS.range(
        "sample-size", sampleSize, LEAST_SIZE, MOST_SIZE, "set it to a size from 16B to 64KB");
    CHECKS.range("capacity", capacity, new DataRate(1), LARGEST_CAPACITY, CAPACITY_FIX);
    for (int i = 0; i < source.devices.size(); i++) {
      PropertyChecks checks = new PropertyChecks("netrng.server.source.devices[%d].".formatted(i));
      DeviceProperties device = source.devices.get(i);
      device.check(checks, health, source.allowPartialEntropy);
      checks.require(
          device.capacity == null || capacity == null,
          "capacity",
          String.valueOf(device.capacity),
          "leave it out, or leave out netrng.server.capacity");
    }
  }

  /**
   * The devices.
   *
   * @param devices the devices to read, each by a thread of its own; an entry is the device alone,
   *     or its parts as below
   * @param allowPartialEntropy whether a device with less than 8 bits of min-entropy per byte may
   *     go without conditioning; clients then credit its bytes with more entropy than they have
   */
  public record Source(
      @DefaultValue("/dev/hwrng") List<DeviceProperties> devices,
      @DefaultValue("false") boolean allowPartialEntropy) {

    /** Checks that there is a device and that none is named twice. */
    public Source {
      CHECKS.require(!devices.isEmpty(), "source.devices", "(empty)", "name at least one device");
      Set<String> seen = new HashSet<>();
      for (DeviceProperties device : devices) {
        CHECKS.require(
            seen.add(device.device().name()),
            "source.devices",
            device.device().name(),
            "name each device once");
      }
      devices = List.copyOf(devices);
    }
  }

  /**
   * A device.
   *
   * @param device its path, or its kind and address
   * @param minEntropyPerByte bits of min-entropy claimed for each of its bytes; that of all devices
   *     if it is not set
   * @param conditioning whether its bytes are conditioned
   * @param capacity the rate of the bytes that it releases; measured if it is not set
   */
  public record DeviceProperties(
      Device device,
      @Nullable Double minEntropyPerByte,
      @DefaultValue("auto") Conditioning conditioning,
      @Nullable DataRate capacity) {

    /** An entry that is the device alone. Spring's conversion finds this method by its name. */
    public static DeviceProperties valueOf(String device) {
      return new DeviceProperties(Device.of(device), null, Conditioning.AUTO, null);
    }

    private void check(PropertyChecks checks, Health health, boolean allowPartialEntropy) {
      double minEntropy = minEntropyPerByteOr(health.minEntropyPerByte);
      Health.checkClaim(checks, "min-entropy-per-byte", health.alphaExponent, minEntropy);
      checks.require(
          conditioning != Conditioning.NONE
              || minEntropy >= Cutoffs.GREATEST_MIN_ENTROPY
              || allowPartialEntropy,
          "conditioning",
          conditioning.externalName(),
          "leave it out, because %s has %s bits of min-entropy per byte and clients would credit 8; or set netrng.server.source.allow-partial-entropy=true"
              .formatted(device.name(), minEntropy));
      checks.range("capacity", capacity, new DataRate(1), LARGEST_CAPACITY, CAPACITY_FIX);
    }

    /** The claim for this device, in bits per byte. */
    double minEntropyPerByteOr(double ofAllDevices) {
      return minEntropyPerByte == null ? ofAllDevices : minEntropyPerByte;
    }
  }

  /**
   * The strictness of the health tests of SP 800-90B.
   *
   * @param alphaExponent −log2 of the probability of a false alarm, from 20 to 64
   * @param minEntropyPerByte bits of min-entropy claimed for each byte of the devices, from 0.1 to
   *     8, and at least a 512th of the alpha-exponent
   */
  public record Health(
      @DefaultValue("40") int alphaExponent, @DefaultValue("8.0") double minEntropyPerByte) {

    /** Checks the ranges. */
    public Health {
      CHECKS.range(
          "health.alpha-exponent",
          alphaExponent,
          Cutoffs.LEAST_ALPHA_EXPONENT,
          Cutoffs.GREATEST_ALPHA_EXPONENT,
          "set it to 20 up to 64");
      checkClaim(CHECKS, "health.min-entropy-per-byte", alphaExponent, minEntropyPerByte);
    }

    private static void checkClaim(
        PropertyChecks checks, String name, int alphaExponent, double minEntropy) {
      checks.range(
          name,
          minEntropy,
          Cutoffs.LEAST_MIN_ENTROPY,
          Cutoffs.GREATEST_MIN_ENTROPY,
          "set it to 0.1 up to 8.0");
      checks.require(
          Cutoffs.of(alphaExponent, minEntropy).isProportionWithinWindow(),
          name,
          minEntropy,
          "set it to %s or more: with netrng.server.health.alpha-exponent = %d the adaptive proportion test could never fail"
              .formatted((double) alphaExponent / HealthTests.WINDOW_SIZE, alphaExponent));
    }

    Cutoffs cutoffs(double minEntropy) {
      return Cutoffs.of(alphaExponent, minEntropy);
    }
  }
}
