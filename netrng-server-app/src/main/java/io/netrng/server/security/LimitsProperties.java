package io.netrng.server.security;

import io.netrng.protocol.ClientFrame;
import io.netrng.startup.InvalidPropertyException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How much of the server those who connect can take up.
 *
 * @param handshakeTimeout the time that a connection has for its TLS handshake, from 100ms to 1m
 * @param helloTimeout the time that a client has for its HELLO, from the connection or the
 *     handshake on; from 100ms to 1m
 * @param connectionsPerAddress how many connections an IPv4 address or an IPv6 network of 64 bits
 *     may have, 1 or more; netrng.server.max-clients if unset, and then no limit on loopback
 * @param acceptRate how many connections are accepted per second, up to 1000000; the next ones wait
 * @param frameSize the greatest length that a client's frame may have, from 71B to 1KB
 * @param writeBuffer the most memory that holds what is handed out to a client and not yet written
 *     to its socket, from 1KB to 64MB; one sample may always be held
 */
@ConfigurationProperties("netrng.server.limits")
public record LimitsProperties(
    @DefaultValue("5s") Duration handshakeTimeout,
    @DefaultValue("5s") Duration helloTimeout,
    @Nullable Integer connectionsPerAddress,
    @DefaultValue("2000") int acceptRate,
    @DefaultValue("1KB") DataSize frameSize,
    @DefaultValue("256KB") DataSize writeBuffer) {

  private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(100);
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);
  private static final int MAX_ACCEPT_RATE = 1_000_000;
  private static final DataSize LEAST_FRAME = DataSize.ofBytes(ClientFrame.MAX_HELLO_LENGTH);
  private static final DataSize MOST_FRAME = DataSize.ofBytes(ClientFrame.MAX_LENGTH);
  private static final DataSize LEAST_BUFFER = DataSize.ofKilobytes(1);
  private static final DataSize MOST_BUFFER = DataSize.ofMegabytes(64);

  /** Checks the ranges. */
  public LimitsProperties {
    requireTimeout("handshake-timeout", handshakeTimeout);
    requireTimeout("hello-timeout", helloTimeout);
    if (connectionsPerAddress != null && connectionsPerAddress < 1) {
      throw invalid("connections-per-address", connectionsPerAddress, "set it to 1 or more");
    }
    if (acceptRate < 1 || acceptRate > MAX_ACCEPT_RATE) {
      throw invalid("accept-rate", acceptRate, "set it to 1 up to 1000000 per second");
    }
    if (frameSize.compareTo(LEAST_FRAME) < 0 || frameSize.compareTo(MOST_FRAME) > 0) {
      throw invalid("frame-size", frameSize, "set it to a size from 71B to 1KB");
    }
    if (writeBuffer.compareTo(LEAST_BUFFER) < 0 || writeBuffer.compareTo(MOST_BUFFER) > 0) {
      throw invalid("write-buffer", writeBuffer, "set it to a size from 1KB to 64MB");
    }
  }

  private static void requireTimeout(String name, Duration timeout) {
    if (timeout.compareTo(SHORTEST_TIMEOUT) < 0 || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
      throw invalid(name, timeout, "set it to a time from 100ms to 1m");
    }
  }

  private static InvalidPropertyException invalid(String name, Object value, String cure) {
    return new InvalidPropertyException("netrng.server.limits." + name, value, cure);
  }
}
