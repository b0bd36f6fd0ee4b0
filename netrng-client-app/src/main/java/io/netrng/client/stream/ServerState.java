// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.naming.ExternalName;

/** The state of one of the configured servers. The constants in lower case are metric tags. */
public enum ServerState implements ExternalName {
  /** The server has admitted the client. */
  STREAMING,
  /** The client is connecting to the server. */
  CONNECTING,
  /** The server has failed, ended a stream or refused the client, and is in its back-off pause. */
  WAITING,
  /** The server may be tried, and is not needed. */
  STANDBY;
}
