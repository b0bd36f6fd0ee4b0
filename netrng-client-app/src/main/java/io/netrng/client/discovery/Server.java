// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A server that the client may connect to.
 *
 * @param address where it listens
 * @param certificateName the name or address that its certificate must be valid for; also sent as
 *     SNI
 * @param origin which servers may depend on one answer or one certificate: those of one name, or of
 *     one entry if all certificates are for one name
 */
public record Server(ServerAddress address, String certificateName, String origin) {

  /**
   * Returns the server of an entry host:port.
   *
   * @param serverName the name for all certificates; the entry's own host if null
   */
  public static Server of(ServerAddress address, @Nullable String serverName) {
    return serverName == null
        ? new Server(address, address.host(), address.host().toLowerCase(Locale.ROOT))
        : new Server(address, serverName, address.toString());
  }

  /** Returns whether the client connects to both in the same way. */
  boolean isSameAs(Server other) {
    return address.equals(other.address) && certificateName.equalsIgnoreCase(other.certificateName);
  }
}
