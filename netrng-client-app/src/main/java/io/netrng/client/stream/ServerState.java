package io.netrng.client.stream;

import java.util.Locale;

/**
 * What one of the configured servers is to the client. The constants in lower case are the words of
 * metric tags.
 */
public enum ServerState {
  /** It has let the client in. */
  STREAMING,
  /** It is being tried. */
  CONNECTING,
  /** It has failed, ended a stream or refused the client, and is left in peace for a while. */
  WAITING,
  /** It may be tried, and is not needed. */
  STANDBY;

  /** The word for metric tags. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
