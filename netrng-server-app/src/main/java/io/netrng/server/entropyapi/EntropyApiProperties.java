// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.startup.PropertyChecks;
import io.netrng.unit.DataRate;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The HTTP entropy API.
 *
 * @param port the port to listen on, up to 65535; 0 takes any free one, which is logged; the API is
 *     off if unset
 * @param bindAddress the address to listen on; 0.0.0.0 is every IPv4 address, :: every address
 * @param tls whether connections use TLS; if unset, they do if netrng.server.tls.bundle is set
 * @param tokenDirectory a directory with a file for each client: its name is the client's identity,
 *     its content the client's token; without it, clients need certificates, or no proof of
 *     identity on loopback
 * @param maxConnections the maximum number of HTTP connections, 1 or more
 * @param maxAnswer the maximum entropy in one answer, from 64KB to 256MB
 * @param pollinate the answers to the program pollinate
 */
@ConfigurationProperties("netrng.server.entropy-api")
public record EntropyApiProperties(
    @Nullable Integer port,
    @DefaultValue("127.0.0.1") String bindAddress,
    @Nullable Boolean tls,
    @Nullable Path tokenDirectory,
    @DefaultValue("1024") int maxConnections,
    @DefaultValue("16MB") DataSize maxAnswer,
    @DefaultValue Pollinate pollinate) {

  static final String PREFIX = "netrng.server.entropy-api.";

  private static final PropertyChecks CHECKS = new PropertyChecks(PREFIX);
  private static final int MAX_PORT = 65_535;
  private static final DataSize LEAST_ANSWER = DataSize.ofKilobytes(64);
  private static final DataSize MOST_ANSWER = DataSize.ofMegabytes(256);

  /** Checks the ranges. */
  public EntropyApiProperties {
    CHECKS.range(
        "port", port, 0, MAX_PORT, "set it to a port from 1 to 65535, to 0 for any, or not at all");
    CHECKS.positive("max-connections", maxConnections);
    CHECKS.range(
        "max-answer", maxAnswer, LEAST_ANSWER, MOST_ANSWER, "set it to a size from 64KB to 256MB");
  }

  /**
   * The answers to pollinate, which seeds machines of the cloud at their first start.
   *
   * @param enabled whether anonymous machines get seeds
   * @param ceiling the maximum rate of the entropy for all machines together, 1B/s or more
   */
  public record Pollinate(
      @DefaultValue("false") boolean enabled, @DefaultValue("16KB/s") DataRate ceiling) {

    /** Checks the range. */
    public Pollinate {
      CHECKS.range(
          "pollinate.ceiling",
          ceiling,
          new DataRate(1),
          DataRate.UNLIMITED,
          "set it to 1B/s or more");
    }
  }
}
