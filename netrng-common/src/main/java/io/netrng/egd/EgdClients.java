// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import io.netty.channel.Channel;

/** The origin of the entropy for the connections of one listener. */
@FunctionalInterface
public interface EgdClients {

  /**
   * Opens the entropy of a new connection, after its TLS handshake, on its event loop. To refuse a
   * connection, close it and return an empty supply.
   *
   * @param onAvailable called on the event loop each time that more bytes are available
   */
  EgdSupply open(Channel connection, Runnable onAvailable);
}
