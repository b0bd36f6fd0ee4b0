// SPDX-License-Identifier: Apache-2.0
package io.netrng.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes contexts of TLS 1.3 and 1.2, by BoringSSL where it exists, else by the JDK. A context
 * serves many connections and never changes; other certificates need another context.
 */
public final class TlsContexts {

  /** The client's ALPN protocol; the server does not require it. */
  public static final String PROTOCOL = "netrng/1";

  /** The enabled versions, newest first. */
  static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  /** The versions with the hybrid group. */
  private static final List<String> HYBRID_VERSIONS = List.of("TLSv1.3");

  private static final String[] HYBRID_GROUPS = {KeyExchange.HYBRID_GROUP};

  /** Verifies that the server's certificate is valid for the host name. */
  private static final String NAMES_AS_IN_HTTPS = "HTTPS";

  private static final ApplicationProtocolConfig ALPN =
      new ApplicationProtocolConfig(
          Protocol.ALPN,
          SelectorFailureBehavior.NO_ADVERTISE,
          SelectedListenerFailureBehavior.ACCEPT,
          PROTOCOL);

  private TlsContexts() {}

  /**
   * Makes a server's context.
   *
   * @param keys its private key and certificate
   * @param trusted the CA certificates that must have signed the certificate of each client; null
   *     requests no client certificate
   * @param ciphers the cipher suites to use; null uses the default ones
   * @param keyExchange the allowed key exchanges
   */
  public static SslContext ofServer(
      KeyManagerFactory keys,
      @Nullable TrustManagerFactory trusted,
      String @Nullable [] ciphers,
      KeyExchange keyExchange)
      throws SSLException {
    return common(SslContextBuilder.forServer(keys), ciphers, keyExchange)
        .trustManager(trusted)
        .clientAuth(trusted == null ? ClientAuth.NONE : ClientAuth.REQUIRE)
        .build();
  }

  /**
   * Makes a client's context. The server's certificate must match the name or address of the
   * connection.
   *
   * @param keys its private key and certificate; null has none
   * @param trusted the CA certificates of the servers
   * @param ciphers the cipher suites to use; null uses the default ones
   * @param keyExchange the allowed key exchanges
   */
  public static SslContext ofClient(
      @Nullable KeyManagerFactory keys,
      TrustManagerFactory trusted,
      String @Nullable [] ciphers,
      KeyExchange keyExchange)
      throws SSLException {
    return common(SslContextBuilder.forClient(), ciphers, keyExchange)
        .keyManager(keys)
        .trustManager(trusted)
        .endpointIdentificationAlgorithm(NAMES_AS_IN_HTTPS)
        .build();
  }

  private static SslContextBuilder common(
      SslContextBuilder builder, String @Nullable [] ciphers, KeyExchange keyExchange) {
    boolean hybrid = keyExchange == KeyExchange.HYBRID_REQUIRED;
    return builder
        .sslProvider(hybrid || OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
        .protocols(hybrid ? HYBRID_VERSIONS : VERSIONS)
        // Null keeps the engine's own groups.
        .option(OpenSslContextOption.GROUPS, hybrid ? HYBRID_GROUPS : null)
        .ciphers(ciphers == null ? null : List.of(ciphers))
        .applicationProtocolConfig(ALPN);
  }
}
