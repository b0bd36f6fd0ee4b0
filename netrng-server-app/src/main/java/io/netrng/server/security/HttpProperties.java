// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import io.netrng.http.AllowedHosts;
import io.netrng.startup.PropertyChecks;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Limits of the admin port.
 *
 * @param allowedHosts the host names that HTTP requests may address, in addition to IP addresses,
 *     localhost and names that end in .localhost; without ports
 * @param maxConnections the maximum number of HTTP connections, 1 or more
 */
@ConfigurationProperties("netrng.server.http")
public record HttpProperties(
    @DefaultValue List<String> allowedHosts, @DefaultValue("256") int maxConnections) {

  /** Checks the values. */
  public HttpProperties {
    allowedHosts = List.copyOf(allowedHosts);
    var _ = hosts(allowedHosts);
    new PropertyChecks("netrng.server.http.").positive("max-connections", maxConnections);
  }

  AllowedHosts hosts() {
    return hosts(allowedHosts);
  }

  private static AllowedHosts hosts(List<String> names) {
    return new AllowedHosts("netrng.server.http.allowed-hosts", names);
  }
}
