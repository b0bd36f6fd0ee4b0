// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import io.netrng.startup.InvalidPropertyException;
import io.netrng.tls.KeyExchange;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The access of clients to the stream.
 *
 * @param allowPlaintext whether the stream may leave this machine without TLS
 * @param denied names of denied clients, or SHA-256 fingerprints of their certificates
 */
@ConfigurationProperties("netrng.server")
public record SecurityProperties(
    @DefaultValue("false") boolean allowPlaintext,
    @DefaultValue List<String> denied,
    @DefaultValue Tls tls) {

  /** Checks the denials. */
  public SecurityProperties {
    denied = List.copyOf(denied);
    var _ = new Denials(denied);
  }

  /**
   * The protection of the stream.
   *
   * @param bundle the name of the SSL bundle with the server's certificate and the authorities of
   *     the clients' certificates; plain TCP if unset
   * @param clientAuth need requires a certificate of each client, none requests none
   * @param keyExchange hybrid-required refuses clients without X25519MLKEM768 and with it TLS 1.2,
   *     hybrid-preferred uses X25519MLKEM768 with each client that supports it
   */
  public record Tls(
      @Nullable String bundle,
      @DefaultValue("need") String clientAuth,
      @DefaultValue("hybrid-preferred") KeyExchange keyExchange) {

    private static final String NEED = "need";
    private static final String NONE = "none";

    /** Checks the mode. */
    public Tls {
      bundle = bundle == null || bundle.isEmpty() ? null : bundle;
      if (!clientAuth.equals(NEED) && !clientAuth.equals(NONE)) {
        throw new InvalidPropertyException(
            "netrng.server.tls.client-auth", clientAuth, "set it to need or none");
      }
    }

    /** Whether clients must have a certificate. */
    boolean demandsCertificates() {
      return clientAuth.equals(NEED);
    }
  }
}
