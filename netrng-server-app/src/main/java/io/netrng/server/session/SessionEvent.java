package io.netrng.server.session;

import io.netrng.protocol.CloseCode;
import java.net.SocketAddress;

/** What happens to clients, published as Spring events. */
public sealed interface SessionEvent {

  /**
   * A client was let in.
   *
   * @param session its session
   */
  record Connected(ClientSession session) implements SessionEvent {}

  /**
   * A client that was let in is gone.
   *
   * @param session its session
   * @param reason the word of a {@link CloseCode}, {@link #BYE} or {@link #CONNECTION_LOST}
   */
  record Disconnected(ClientSession session, String reason) implements SessionEvent {

    /** The client has said BYE. */
    public static final String BYE = "bye";

    /** Its connection ended without a word. */
    public static final String CONNECTION_LOST = "connection-lost";
  }

  /**
   * A client that is in was given other rates by an administrator.
   *
   * @param session its session
   */
  record Changed(ClientSession session) implements SessionEvent {}

  /**
   * A connection ended before its client was let in.
   *
   * @param code what it was told
   * @param reason the sentence that went with it
   * @param address where it came from
   */
  record Refused(CloseCode code, String reason, SocketAddress address) implements SessionEvent {}
}
