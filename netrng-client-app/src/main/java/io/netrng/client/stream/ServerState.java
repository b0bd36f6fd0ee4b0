package io.netrng.client.stream;

import io.netrng.naming.ExternalName;

/** The state of one of the configured servers. The constants in lower case are metric tags. */
public enum ServerState implements ExternalName {
  /** It has admitted the client. */
  STREAMING,
  /** It is being tried. */
  CONNECTING,
  /** It has failed, ended a stream or refused the client, and is in its back-off pause. */
  WAITING,
  /** It may be tried, and is not needed. */
  STANDBY;
}
