// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.kernel;

import io.netrng.startup.PropertyChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the sink kernel feeds the kernel.
 *
 * @param creditBitsPerByte how many bits of entropy the kernel counts for each byte, 0 to 8. A
 *     kernel without a seed is ready after 256 bits. With 0, the client needs no CAP_SYS_ADMIN
 * @param reseedInterval how often the client feeds the kernel and makes it reseed its generator,
 *     100ms to 1h
 */
@ConfigurationProperties("netrng.client.kernel")
record KernelProperties(
    @DefaultValue("8") int creditBitsPerByte, @DefaultValue("1s") Duration reseedInterval) {

  private static final PropertyChecks CHECKS = new PropertyChecks("netrng.client.kernel.");
  private static final int MOST_BITS = 8;
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofHours(1);

  KernelProperties {
    CHECKS.require(
        creditBitsPerByte >= 0 && creditBitsPerByte <= MOST_BITS,
        "credit-bits-per-byte",
        creditBitsPerByte,
        "give 0 to 8.");
    CHECKS.require(
        reseedInterval.compareTo(SHORTEST) >= 0 && reseedInterval.compareTo(LONGEST) <= 0,
        "reseed-interval",
        reseedInterval.toMillis() + "ms",
        "give 100ms to 1h.");
  }
}
