// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.netrng.http.AllowedHosts;
import io.netrng.startup.PropertyChecks;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Limits of the HTTP port of health and metrics.
 *
 * @param allowedHosts host names that requests may contain in their Host header, without ports; IP
 *     addresses, localhost and names that end in .localhost are always allowed
 * @param maxConnections the maximum number of concurrent HTTP connections, 1 or more
 */
@ConfigurationProperties("netrng.client.http")
record HttpProperties(
    @DefaultValue List<String> allowedHosts, @DefaultValue("256") int maxConnections) {

  /** Checks the values. */
  public HttpProperties {
    allowedHosts = List.copyOf(allowedHosts);
    var _ = hosts(allowedHosts);
    new PropertyChecks("netrng.client.http.").positive("max-connections", maxConnections);
  }

  AllowedHosts hosts() {
    return hosts(allowedHosts);
  }

  private static AllowedHosts hosts(List<String> names) {
    return new AllowedHosts("netrng.client.http.allowed-hosts", names);
  }
}
