package io.netrng.client.stream;

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
 * Why a connection ended, or did not come about.
 *
 * @param cause what kind of end
 * @param reason one word: that of the server's CLOSE if there was one, else the cause's
 * @param detail the same for people
 * @param retryAfter how long the server wants to be left in peace at the least; at most an hour
 */
record Ending(Cause cause, String reason, String detail, Duration retryAfter) {

  private static final Duration NEVER = Duration.ofMinutes(10);
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

  /** The constants in lower case are the words of log lines. */
  enum Cause implements ExternalName {
    /** The server's name was not resolved. */
    UNRESOLVED,
    /** There was no connection. */
    UNREACHABLE,
    /** There was no TLS: one of the two does not trust the other. */
    NO_TLS,
    /** The server ended it with CLOSE, or refused it. */
    CLOSED,
    /** The server did not answer HELLO in time. */
    NO_WELCOME,
    /** The server sent what the protocol does not allow. */
    PROTOCOL_ERROR,
    /** Nothing was heard for three keepalives. */
    KEEPALIVE_MISSED,
    /** Samples were due, and none came whole. */
    STARVED,
    /** The connection broke. */
    LOST,
    /** The client is stopping. */
    STOPPED;
  }

  static Ending of(Cause cause, String detail) {
    return new Ending(cause, cause.externalName(), detail, Duration.ZERO);
  }

  /** The name was not resolved, or there was no connection, or no TLS on it. */
  static Ending of(Throwable error) {
    String message = error.getMessage();
    if (error instanceof UnknownHostException) {
      return of(Cause.UNRESOLVED, String.valueOf(message));
    }
    return TlsFailure.reason(error)
        .map(reason -> of(Cause.NO_TLS, reason))
        .orElseGet(() -> of(Cause.UNREACHABLE, message == null ? error.toString() : message));
  }

  static Ending of(ServerFrame.Close close) {
    boolean never = close.retryAfterMillis() == ServerFrame.Close.NEVER;
    return new Ending(
        Cause.CLOSED,
        close.code().externalName(),
        close.code().externalName() + ": " + printable(close.reason()),
        never ? NEVER : capped(Duration.ofMillis(close.retryAfterMillis())));
  }

  private static Duration capped(Duration retryAfter) {
    return retryAfter.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : retryAfter;
  }

  /** Every reason but that the client is stopping. */
  static List<String> reasons() {
    return Stream.concat(
            Arrays.stream(Cause.values())
                .filter(cause -> cause != Cause.STOPPED && cause != Cause.CLOSED)
                .map(Cause::externalName),
            Arrays.stream(CloseCode.values()).map(CloseCode::externalName))
        .distinct()
        .toList();
  }

  /** Whether the server refuses this client, so its other addresses would refuse it too. */
  boolean isAboutClient() {
    return cause == Cause.CLOSED && ABOUT_CLIENT.contains(reason);
  }

  /** The same with another time. */
  Ending withRetryAfter(Duration time) {
    return new Ending(cause, reason, detail, time);
  }

  /** A server's words go into logs and health, where they must not look like anyone else's. */
  private static String printable(String reason) {
    String cut = reason.substring(0, Math.min(reason.length(), LONGEST_REASON));
    return cut.replaceAll("\\p{C}", "?");
  }
}
