// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import io.netrng.protocol.ClientFrame;
import io.netrng.startup.PropertyChecks;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Resource limits for unauthenticated connections, and the memory of one client.
 *
 * @param handshakeTimeout the maximum time of a connection's TLS handshake, from 100ms to 1m
 * @param helloTimeout the maximum time until a client's HELLO, from the connection or the handshake
 *     on; from 100ms to 1m
 * @param connectionsPerAddress the maximum number of connections from an IPv4 address or an IPv6
 *     network of 64 bits, 1 or more; netrng.server.max-clients if unset, and then no limit on
 *     loopback
 * @param acceptRate the maximum number of connections accepted per second, up to 1000000; the next
 *     ones wait
 * @param frameSize the maximum length of a client's frame, from 71B to 1KB
 * @param writeBuffer the maximum memory of samples that are handed out to a client and not yet
 *     written to its socket, from 1KB to 64MB; one sample is always allowed
 */
@ConfigurationProperties("netrng.server.limits")
public record LimitsProperties(
    @DefaultValue("5s") Duration handshakeTimeout,
    @DefaultValue("5s") Duration helloTimeout,
    @Nullable Integer connectionsPerAddress,
    @DefaultValue("2000") int acceptRate,
    @DefaultValue("1KB") DataSize frameSize,
    @DefaultValue("256KB") DataSize writeBuffer) {

  private static final PropertyChecks CHECKS = new PropertyChecks("netrng.server.limits.");
  private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(100);
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);
  private static final DataSize LEAST_FRAME = DataSize.ofBytes(ClientFrame.MAX_HELLO_LENGTH);
  private static final DataSize MOST_FRAME = DataSize.ofBytes(ClientFrame.MAX_LENGTH);
  private static final DataSize LEAST_BUFFER = DataSize.ofKilobytes(1);
  private static final DataSize MOST_BUFFER = DataSize.ofMegabytes(64);

  /** Checks the ranges. */
  public LimitsProperties {
    requireTimeout("handshake-timeout", handshakeTimeout);
    requireTimeout("hello-timeout", helloTimeout);
    CHECKS.positive("connections-per-address", connectionsPerAddress);
    CHECKS.range("accept-rate", acceptRate, 1, 1_000_000, "set it to 1 up to 1000000 per second");
    CHECKS.range(
        "frame-size", frameSize, LEAST_FRAME, MOST_FRAME, "set it to a size from 71B to 1KB");
    CHECKS.range(
        "write-buffer",
        writeBuffer,
        LEAST_BUFFER,
        MOST_BUFFER,
        "set it to a size from 1KB to 64MB");
  }

  private static void requireTimeout(String name, Duration timeout) {
    CHECKS.range(
        name, timeout, SHORTEST_TIMEOUT, LONGEST_TIMEOUT, "set it to a time from 100ms to 1m");
  }
}
