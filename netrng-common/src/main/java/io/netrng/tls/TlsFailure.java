// SPDX-License-Identifier: Apache-2.0
package io.netrng.tls;

import io.netrng.naming.ExternalName;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** Describes why a TLS handshake failed, for people. */
public final class TlsFailure {

  /** The prefix of BoringSSL's error messages. */
  private static final Pattern OPENSSL =
      Pattern.compile("^error:\\w+:SSL routines:OPENSSL_internal:");

  /** The messages of BoringSSL and the JDK for a client without a certificate. */
  private static final Pattern NO_CERTIFICATE =
      Pattern.compile("PEER_DID_NOT_RETURN_A_CERTIFICATE|Empty client certificate chain");

  /** The messages of both for an alert from the peer. */
  private static final Pattern ALERT = Pattern.compile("_ALERT_|Received fatal alert");

  private TlsFailure() {}

  /** The kind of failure; the constants in lower case are metric tags. */
  public enum Kind implements ExternalName {
    /** The handshake took too long. */
    TIMEOUT,
    /** The received bytes are not TLS. */
    NOT_TLS,
    /** A certificate is required, and the client sent none. */
    NO_CERTIFICATE,
    /** The peer's certificate is not trusted. */
    UNTRUSTED,
    /**
     * The peer ended the handshake with an alert, most often because it does not trust this side.
     */
    ALERT,
    /** The connection was lost. */
    CLOSED,
    /** Any other failure: no common version or cipher, or invalid messages. */
    PROTOCOL;
  }

  /** Returns the kind of a failed handshake. */
  public static Kind kind(Throwable failure) {
    Throwable deepest = chain(failure).getLast();
    String words = String.valueOf(deepest.getMessage());
    return switch (deepest) {
      case ClosedChannelException _ -> Kind.CLOSED;
      case SslHandshakeTimeoutException _ -> Kind.TIMEOUT;
      case NotSslRecordException _ -> Kind.NOT_TLS;
      case GeneralSecurityException _ -> Kind.UNTRUSTED;
      case Throwable _ when NO_CERTIFICATE.matcher(words).find() -> Kind.NO_CERTIFICATE;
      case Throwable _ when ALERT.matcher(words).find() -> Kind.ALERT;
      case Throwable _ -> Kind.PROTOCOL;
    };
  }

  /** Returns the message of the root cause; empty if the failure is not a TLS failure. */
  public static Optional<String> reason(Throwable failure) {
    List<Throwable> chain = chain(failure);
    return chain.stream().anyMatch(TlsFailure::isOfTls)
        ? Optional.of(words(chain.getLast()))
        : Optional.empty();
  }

  /** A ClientHello that is too long ends the handshake before the TLS engine receives a byte. */
  private static boolean isOfTls(Throwable failure) {
    return failure instanceof SSLException || failure instanceof TooLongFrameException;
  }

  /** Returns a failure and its causes. */
  private static List<Throwable> chain(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).toList();
  }

  private static String words(Throwable deepest) {
    return switch (deepest) {
      // The exception's own message is a dump of the received bytes.
      case NotSslRecordException _ -> "the other side does not speak TLS";
      case GeneralSecurityException e -> "the other side is not trusted: " + e.getMessage();
      default -> OPENSSL.matcher(String.valueOf(deepest.getMessage())).replaceFirst("");
    };
  }
}
