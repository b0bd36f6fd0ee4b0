package io.netrng.protocol;

import io.netrng.naming.ExternalName;
import java.util.Optional;

/**
 * Why a server ended a connection or refused it. The constants in lower case are the words of log
 * lines and metric tags.
 */
public enum CloseCode implements ExternalName {
  /** With this guarantee the server could no longer keep those it has given. */
  CAPACITY(1),
  /** The server has its maximum of clients. */
  MAX_CLIENTS(2),
  /** Unknown or mismatched identity, or a guarantee above what policy allows. */
  NOT_AUTHORISED(3),
  /** No tested entropy at present. */
  NO_ENTROPY(4),
  /** Kicked by an administrator. */
  KICKED(5),
  /** The server is shutting down. */
  SHUTDOWN(6),
  /** A frame that is empty, too long, unknown, out of turn, or does not fit its type. */
  PROTOCOL_ERROR(7),
  /** Nothing was heard for three keepalives. */
  KEEPALIVE_MISSED(8),
  /** The client speaks a version that the server does not. */
  UNSUPPORTED_VERSION(9),
  /** Too many connections from this address or identity. */
  TOO_MANY_CONNECTIONS(10);

  private final int code;

  CloseCode(int code) {
    this.code = code;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  /** The constant of a number on the wire, if there is one. */
  public static Optional<CloseCode> of(int code) {
    return code >= 1 && code <= values().length
        ? Optional.of(values()[code - 1])
        : Optional.empty();
  }
}
