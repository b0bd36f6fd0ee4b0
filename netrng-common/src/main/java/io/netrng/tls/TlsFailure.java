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

/** Why there is no TLS with the other side, in words for people. */
public final class TlsFailure {

  /** What BoringSSL puts before what it has to say. */
  private static final Pattern OPENSSL =
      Pattern.compile("^error:\\w+:SSL routines:OPENSSL_internal:");

  /** How BoringSSL and the JDK say that a client has shown no certificate. */
  private static final Pattern NO_CERTIFICATE =
      Pattern.compile("PEER_DID_NOT_RETURN_A_CERTIFICATE|Empty client certificate chain");

  /** How they say that the other side has sent an alert. */
  private static final Pattern ALERT = Pattern.compile("_ALERT_|Received fatal alert");

  private TlsFailure() {}

  /** What kind of failure it is; the constants in lower case are the words of metric tags. */
  public enum Kind implements ExternalName {
    /** The handshake took too long. */
    TIMEOUT,
    /** What came is not TLS. */
    NOT_TLS,
    /** A certificate is demanded and was not shown. */
    NO_CERTIFICATE,
    /** The other side's certificate is not trusted. */
    UNTRUSTED,
    /** The other side has ended it with an alert, most often since it does not trust ours. */
    ALERT,
    /** The connection was lost. */
    CLOSED,
    /** Any other: no version or cipher in common, or messages that cannot be understood. */
    PROTOCOL;
  }

  /** Sorts a failure of the handshake. */
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

  /** Names the cause that lies deepest; empty if the failure is not one of TLS. */
  public static Optional<String> reason(Throwable failure) {
    List<Throwable> chain = chain(failure);
    return chain.stream().anyMatch(TlsFailure::isOfTls)
        ? Optional.of(words(chain.getLast()))
        : Optional.empty();
  }

  /** A ClientHello that is too long ends the handshake before the TLS engine sees a byte of it. */
  private static boolean isOfTls(Throwable failure) {
    return failure instanceof SSLException || failure instanceof TooLongFrameException;
  }

  /** A failure and its causes. */
  private static List<Throwable> chain(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).toList();
  }

  private static String words(Throwable deepest) {
    return switch (deepest) {
      // Its own words are a dump of what was received.
      case NotSslRecordException _ -> "the other side does not speak TLS";
      case GeneralSecurityException e -> "the other side is not trusted: " + e.getMessage();
      default -> OPENSSL.matcher(String.valueOf(deepest.getMessage())).replaceFirst("");
    };
  }
}
