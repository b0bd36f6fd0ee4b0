// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import org.jspecify.annotations.Nullable;

/**
 * A server that the client may connect to.
 *
 * @param address where it listens
 * @param certificateName the name or address that its certificate must be valid for; also sent as
 *     SNI
 */
public record Server(ServerAddress address, String certificateName) {

  /**
   * Returns the server of an entry host:port.
   *
   * @param serverName the name for all certificates; the entry's own host if null
   */
  public static Server of(ServerAddress address, @Nullable String serverName) {
    return new Server(address, serverName == null ? address.host() : serverName);
  }
}
