package io.netrng.tls;

import io.netty.handler.ssl.NotSslRecordException;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Why there is no TLS with the other side, in words for people. */
public final class TlsFailure {

  /** What BoringSSL puts before what it has to say. */
  private static final Pattern OPENSSL =
      Pattern.compile("^error:\\w+:SSL routines:OPENSSL_internal:");

  private TlsFailure() {}

  /** Names the cause that lies deepest; empty if the failure is not one of TLS. */
  public static Optional<String> reason(Throwable failure) {
    boolean tls = false;
    Throwable deepest = failure;
    for (Throwable at = failure; at != null; at = at.getCause()) {
      tls |= at instanceof SSLException;
      deepest = at;
    }
    return tls ? Optional.of(words(deepest)) : Optional.empty();
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
