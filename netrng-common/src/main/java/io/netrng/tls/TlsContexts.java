package io.netrng.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.3 and 1.2 by BoringSSL where it exists, and by the JDK elsewhere. A context is for many
 * connections and never changes: other certificates need another one.
 */
public final class TlsContexts {

  /** What the client offers by ALPN; the server does not insist on it. */
  public static final String PROTOCOL = "netrng/1";

  private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

  /** That the client's machine can only be where the certificate says. */
  private static final String NAMES_AS_IN_HTTPS = "HTTPS";

  private static final ApplicationProtocolConfig ALPN =
      new ApplicationProtocolConfig(
          Protocol.ALPN,
          SelectorFailureBehavior.NO_ADVERTISE,
          SelectedListenerFailureBehavior.ACCEPT,
          PROTOCOL);

  private TlsContexts() {}

  /**
   * Of a server.
   *
   * @param keys its private key and certificate
   * @param trusted demands a certificate of each client that one of these has signed; null asks for
   *     none
   * @param ciphers the suites to use; null uses the usual ones
   */
  public static SslContext ofServer(
      KeyManagerFactory keys, @Nullable TrustManagerFactory trusted, String @Nullable [] ciphers)
      throws SSLException {
    return common(SslContextBuilder.forServer(keys), ciphers)
        .trustManager(trusted)
        .clientAuth(trusted == null ? ClientAuth.NONE : ClientAuth.REQUIRE)
        .build();
  }

  /**
   * Of a client. The server's certificate must be for the name or address that was connected to.
   *
   * @param keys its private key and certificate; null has none
   * @param trusted who signs the certificates of servers
   * @param ciphers the suites to use; null uses the usual ones
   */
  public static SslContext ofClient(
      @Nullable KeyManagerFactory keys, TrustManagerFactory trusted, String @Nullable [] ciphers)
      throws SSLException {
    return common(SslContextBuilder.forClient(), ciphers)
        .keyManager(keys)
        .trustManager(trusted)
        .endpointIdentificationAlgorithm(NAMES_AS_IN_HTTPS)
        .build();
  }

  private static SslContextBuilder common(SslContextBuilder builder, String @Nullable [] ciphers) {
    return builder
        .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
        .protocols(VERSIONS)
        .ciphers(ciphers == null ? null : List.of(ciphers))
        .applicationProtocolConfig(ALPN);
  }
}
