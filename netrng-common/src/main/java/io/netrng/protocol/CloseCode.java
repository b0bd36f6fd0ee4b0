// SPDX-License-Identifier: Apache-2.0
package io.netrng.protocol;

import io.netrng.naming.ExternalName;
import java.util.Optional;

/**
 * Why a server ended or refused a connection. The constants in lower case are the values in log
 * lines and metric tags.
 */
public enum CloseCode implements ExternalName {
  /** With this guarantee, the server could no longer fulfil the guarantees that it has granted. */
  CAPACITY(1),
  /** The server has its maximum number of clients. */
  MAX_CLIENTS(2),
  /**
   * The identity is unknown or does not match, or the guarantee is above the limit of the policy.
   */
  NOT_AUTHORISED(3),
  /** The server has no tested entropy at present. */
  NO_ENTROPY(4),
  /** An administrator disconnected the client. */
  KICKED(5),
  /** The server is shutting down. */
  SHUTDOWN(6),
  /** A frame is empty, too long, of an unknown type, out of sequence, or invalid for its type. */
  PROTOCOL_ERROR(7),
  /** The server received nothing for three keepalives. */
  KEEPALIVE_MISSED(8),
  /** The server does not support the client's version. */
  UNSUPPORTED_VERSION(9),
  /** Too many connections exist from this address or identity. */
  TOO_MANY_CONNECTIONS(10);

  private final int code;

  CloseCode(int code) {
    this.code = code;
  }

  /** Returns the number in the frame. */
  public int code() {
    return code;
  }

  /** Returns the constant of a number in a frame, if one exists. */
  public static Optional<CloseCode> of(int code) {
    return code >= 1 && code <= values().length
        ? Optional.of(values()[code - 1])
        : Optional.empty();
  }
}
