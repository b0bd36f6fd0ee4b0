// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.protocol.ServerFrame.Welcome;
import io.netrng.server.healthtest.Cutoffs;
import io.netrng.server.healthtest.HealthTests;
import io.netrng.startup.PropertyChecks;
import io.netrng.unit.DataRate;
import java.nio.file.Path;
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

  /** Checks the ranges. */
  public SourceProperties {
    CHECKS.range(
        "sample-size", sampleSize, LEAST_SIZE, MOST_SIZE, "set it to a size from 16B to 64KB");
    CHECKS.range(
        "capacity",
        capacity,
        new DataRate(1),
        LARGEST_CAPACITY,
        "set it to a rate from 1B/s to 1TB/s, or leave it out to have it measured");
  }

  /**
   * The devices.
   *
   * @param devices character devices, FIFOs or files to read, each by a thread of its own; a file
   *     is read once and never again from its start
   */
  public record Source(@DefaultValue("/dev/hwrng") List<Path> devices) {

    /** Checks that there is a device and that none is named twice. */
    public Source {
      CHECKS.require(!devices.isEmpty(), "source.devices", "(empty)", "name at least one device");
      Set<Path> seen = new HashSet<>();
      for (Path device : devices) {
        CHECKS.require(
            seen.add(device.toAbsolutePath().normalize()),
            "source.devices",
            device,
            "name each device once");
      }
      devices = List.copyOf(devices);
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
      CHECKS.range(
          "health.min-entropy-per-byte",
          minEntropyPerByte,
          Cutoffs.LEAST_MIN_ENTROPY,
          Cutoffs.GREATEST_MIN_ENTROPY,
          "set it to 0.1 up to 8.0");
      CHECKS.require(
          Cutoffs.of(alphaExponent, minEntropyPerByte).isProportionWithinWindow(),
          "health.min-entropy-per-byte",
          minEntropyPerByte,
          "set it to %s or more: with netrng.server.health.alpha-exponent = %d the adaptive proportion test could never fail"
              .formatted((double) alphaExponent / HealthTests.WINDOW_SIZE, alphaExponent));
    }

    Cutoffs cutoffs() {
      return Cutoffs.of(alphaExponent, minEntropyPerByte);
    }
  }
}
