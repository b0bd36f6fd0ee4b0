package io.netrng.server.session;

import io.netrng.protocol.ServerFrame.Welcome;
import io.netrng.startup.InvalidPropertyException;
import io.netrng.unit.DataRate;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the stream is served, and to whom.
 *
 * @param bindAddress the address to listen on
 * @param port the port to listen on; 0 takes any free one, which is logged
 * @param maxClients how many clients may be connected at a time
 * @param defaultGuarantee the rate that a client is guaranteed, and the most it may ask for
 * @param keepalive a client pings after this much silence, and is given up after three times it
 */
@ConfigurationProperties("netrng.server")
public record SessionProperties(
    @DefaultValue("127.0.0.1") String bindAddress,
    @DefaultValue("8989") int port,
    @DefaultValue("1000") int maxClients,
    @DefaultValue("64B/s") DataRate defaultGuarantee,
    @DefaultValue("10s") Duration keepalive) {

  private static final int MAX_PORT = 65_535;
  private static final long MAX_GUARANTEE = 0xffff_ffffL;

  /** Checks the ranges. */
  public SessionProperties {
    if (port < 0 || port > MAX_PORT) {
      throw new InvalidPropertyException(
          "netrng.server.port", port, "set it to a port from 1 to 65535, or to 0 for any");
    }
    if (maxClients < 1) {
      throw new InvalidPropertyException(
          "netrng.server.max-clients", maxClients, "set it to 1 or more");
    }
    if (defaultGuarantee.bytesPerSecond() < 1
        || defaultGuarantee.bytesPerSecond() > MAX_GUARANTEE) {
      throw new InvalidPropertyException(
          "netrng.server.default-guarantee",
          defaultGuarantee,
          "set it to a rate from 1B/s to " + MAX_GUARANTEE + "B/s");
    }
    // Compared as times: the milliseconds of a very long one do not fit a long.
    if (keepalive.compareTo(Duration.ofMillis(Welcome.MIN_KEEPALIVE_MILLIS)) < 0
        || keepalive.compareTo(Duration.ofMillis(Welcome.MAX_KEEPALIVE_MILLIS)) > 0) {
      throw new InvalidPropertyException(
          "netrng.server.keepalive", keepalive, "set it to a time from 1s to 10m");
    }
  }
}
