// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.discovery;

import io.netrng.startup.PropertyChecks;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The announcement of the server in the local network.
 *
 * @param mdns whether clients can find the server by multicast DNS; requires TLS with client
 *     certificates
 * @param mdnsAddress the address of the network interface for it; if unset, the bind address, or
 *     the address of the default route if the server listens on every address
 */
@ConfigurationProperties("netrng.server")
record MdnsProperties(@DefaultValue("false") boolean mdns, @Nullable String mdnsAddress) {

  private static final PropertyChecks CHECKS = new PropertyChecks("netrng.server.");

  MdnsProperties {
    mdnsAddress = mdnsAddress == null || mdnsAddress.isEmpty() ? null : mdnsAddress;
    CHECKS.ownAddress("mdns-address", mdnsAddress);
  }
}
