// SPDX-License-Identifier: Apache-2.0
package io.netrng.http;

import io.netrng.startup.StartupException;
import org.springframework.boot.web.server.ConfigurableWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;

/**
 * Rejects a {@code server.port} outside the range of ports, for which the web server has only a
 * stack trace.
 *
 * @param properties of the web server
 */
public record HttpPort(ServerProperties properties)
    implements WebServerFactoryCustomizer<ConfigurableWebServerFactory> {

  private static final int HIGHEST = 65_535;

  /**
   * Checks the port.
   *
   * @throws StartupException if it is none
   */
  @Override
  public void customize(ConfigurableWebServerFactory factory) {
    Integer port = properties.getPort();
    if (port != null && (port < 0 || port > HIGHEST)) {
      throw new StartupException(
          "server.port = %d is not possible: use 1 to %d, or 0 for any free port."
              .formatted(port, HIGHEST),
          "Correct the property and start again.");
    }
  }
}
