// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.discovery.ServerAddress;
import io.netrng.naming.ExternalName;
import io.netrng.protocol.CloseCode;
import io.netrng.protocol.ServerFrame;
import io.netrng.tls.TlsFailure;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Why a connection ended or could not be established.
 *
 * @param cause the kind of end
 * @param tag for metrics and logs: the code of the server's CLOSE if it sent one, else the cause
 * @param detail a description for people
 * @param retryAfter the shortest pause, such as the one that the server requests; at most an hour
 */
record DisconnectReason(Cause cause, String tag, String detail, Duration retryAfter) {

  private static final Duration NEVER = Duration.ofMinutes(10);

  /** Only another configuration or other certificates can change it. */
  private static final Duration SAME_SERVER_PAUSE = Duration.ofMinutes(2);

  private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);
  private static final int LONGEST_REASON = 200;

  private static final Set<String> ABOUT_CLIENT =
      Stream.of(
              CloseCode.NOT_AUTHORISED,
              CloseCode.KICKED,
              CloseCode.PROTOCOL_ERROR,
              CloseCode.UNSUPPORTED_VERSION)
          .map(CloseCode::externalName)
          .collect(Collectors.toUnmodifiableSet());

  /** The constants in lower case are the values in log lines. */
  enum Cause implements ExternalName {
    /** The server's name was not resolved. */
    UNRESOLVED,
    /** The connection could not be established. */
    UNREACHABLE,
    /** The TLS handshake failed: one side does not trust the other. */
    NO_TLS,
    /** The server ended the connection, or refused it, with CLOSE. */
    CLOSED,
    /** The server did not answer HELLO in time. */
    NO_WELCOME,
    /** The server sent a frame that the protocol does not allow. */
    PROTOCOL_ERROR,
    /** The client received nothing for three keepalives. */
    KEEPALIVE_MISSED,
    /** Samples were due, and no whole sample arrived. */
    STARVED,
    /** Another stream of the client uses the server. */
    SAME_SERVER,
    /** The connection broke. */
    LOST;
  }

  static DisconnectReason of(Cause cause, String detail) {
    return new DisconnectReason(cause, cause.externalName(), detail, Duration.ZERO);
  }

  /** The name was not resolved, or the connection or its TLS handshake failed. */
  static DisconnectReason of(Throwable error) {
    String message = error.getMessage();
    if (error instanceof UnknownHostException) {
      return of(Cause.UNRESOLVED, String.valueOf(message));
    }
    return TlsFailure.reason(error)
        .map(reason -> of(Cause.NO_TLS, reason))
        .orElseGet(() -> of(Cause.UNREACHABLE, message == null ? error.toString() : message));
  }

  /** Another stream uses the server at this address. */
  static DisconnectReason sameServer(ServerAddress other) {
    return of(Cause.SAME_SERVER, "another stream uses this server at " + other)
        .withRetryAfter(SAME_SERVER_PAUSE);
  }

  static DisconnectReason of(ServerFrame.Close close) {
    Duration asked = Duration.ofMillis(close.retryAfterMillis());
    Duration retryAfter = asked.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : asked;
    return new DisconnectReason(
        Cause.CLOSED,
        close.code().externalName(),
        close.code().externalName() + ": " + escape(close.reason()),
        close.retryAfterMillis() == ServerFrame.Close.NEVER ? NEVER : retryAfter);
  }

  /** All tags. */
  static List<String> tags() {
    return Stream.concat(
            Arrays.stream(Cause.values())
                .filter(cause -> cause != Cause.CLOSED)
                .map(Cause::externalName),
            Arrays.stream(CloseCode.values()).map(CloseCode::externalName))
        .distinct()
        .toList();
  }

  /** Returns whether the server refuses this client, so its other addresses would refuse it too. */
  boolean isAboutClient() {
    return cause == Cause.CLOSED && ABOUT_CLIENT.contains(tag);
  }

  /** Returns a copy with another retry-after. */
  DisconnectReason withRetryAfter(Duration time) {
    return new DisconnectReason(cause, tag, detail, time);
  }

  /** Escapes line breaks, because a server's text appears in logs and health. */
  private static String escape(String reason) {
    String cut = reason.substring(0, Math.min(reason.length(), LONGEST_REASON));
    return cut.replaceAll("\\p{C}", "?");
  }
}
