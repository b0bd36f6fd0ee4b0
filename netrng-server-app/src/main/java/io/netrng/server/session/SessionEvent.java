// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.protocol.CloseCode;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Changes of clients' sessions, published as Spring events. */
public sealed interface SessionEvent {

  /**
   * A client was admitted.
   *
   * @param session its session
   */
  record Connected(ClientSession session) implements SessionEvent {}

  /**
   * An admitted client disconnected.
   *
   * @param session its session
   * @param reason the external name of a {@link CloseCode}, {@link #BYE} or {@link
   *     #CONNECTION_LOST}
   */
  record Disconnected(ClientSession session, String reason) implements SessionEvent {

    /** The client sent BYE, or closed a connection whose protocol has no BYE. */
    public static final String BYE = "bye";

    /** The connection ended without BYE or CLOSE. */
    public static final String CONNECTION_LOST = "connection-lost";
  }

  /**
   * An administrator or a new policy changed the rates of a connected client.
   *
   * @param session its session
   */
  record Changed(ClientSession session) implements SessionEvent {}

  /**
   * A connection ended before its client was admitted.
   *
   * @param code the code in its CLOSE
   * @param reason the text in its CLOSE
   * @param applicant who was refused
   */
  record Refused(CloseCode code, String reason, Applicant applicant) implements SessionEvent {}

  /**
   * The client of a connection before its admission, with what is known about it.
   *
   * @param address its remote address
   * @param identity the name of its identity; null before HELLO, or without a valid certificate
   * @param label the label in its HELLO; null before HELLO
   */
  record Applicant(SocketAddress address, @Nullable String identity, @Nullable String label) {}
}
