package io.netrng.server.security;

import io.netrng.startup.InvalidPropertyException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may come in.
 *
 * @param allowPlaintext whether the stream may leave this machine without TLS
 * @param denied names of clients, or SHA-256 fingerprints of certificates, that are not let in
 */
@ConfigurationProperties("netrng.server")
public record SecurityProperties(
    @DefaultValue("false") boolean allowPlaintext,
    @DefaultValue List<String> denied,
    @DefaultValue Tls tls) {

  /** Checks who is denied. */
  public SecurityProperties {
    denied = List.copyOf(denied);
    var _ = new Denials(denied);
  }

  /**
   * How the stream is protected.
   *
   * @param bundle the name of the SSL bundle with the server's certificate and those that sign the
   *     clients'; plain TCP if unset
   * @param clientAuth need demands a certificate of each client, none asks for none
   */
  public record Tls(@Nullable String bundle, @DefaultValue("need") String clientAuth) {

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

    /** Whether clients prove who they are. */
    boolean demandsCertificates() {
      return clientAuth.equals(NEED);
    }
  }
}
