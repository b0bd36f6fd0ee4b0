package io.netrng.client.stream;

import io.netrng.naming.ExternalName;

/**
 * What one of the configured servers is to the client. The constants in lower case are the words of
 * metric tags.
 */
public enum ServerState implements ExternalName {
  /** It has let the client in. */
  STREAMING,
  /** It is being tried. */
  CONNECTING,
  /** It has failed, ended a stream or refused the client, and is left in peace for a while. */
  WAITING,
  /** It may be tried, and is not needed. */
  STANDBY;
}
