// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import io.netrng.tls.PeerCertificate;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Determines the identity of a client, and whether it is denied. The identity is that of its
 * certificate if certificates are required, otherwise its label. Its methods may be called from any
 * thread.
 */
public final class ClientAuthenticator {

  private final boolean demandsCertificates;
  private final InstantSource clock;
  private volatile Denials denials;

  /** Creates an authenticator with the denials of the properties. */
  public ClientAuthenticator(SecurityProperties properties) {
    this(properties, InstantSource.system());
  }

  /**
   * Creates an authenticator with the denials of the properties.
   *
   * @param clock the time that the expiry of certificates is compared with
   */
  public ClientAuthenticator(SecurityProperties properties, InstantSource clock) {
    this.clock = clock;
    demandsCertificates = properties.tls().demandsCertificates();
    denials = new Denials(properties.denied());
  }

  /** The result of an authentication. */
  public sealed interface Decision {

    /**
     * The client is authenticated and may request admission.
     *
     * @param identity its identity
     */
    record Authenticated(Identity identity) implements Decision {}

    /**
     * The client has no identity, is denied, or has an expired certificate.
     *
     * @param reason the reason, for its CLOSE
     * @param identity its identity; null if it has none
     */
    record Refused(String reason, @Nullable Identity identity) implements Decision {}
  }

  /**
   * Identifies a client.
   *
   * @param channel its connection, after the handshake
   * @param label the label of its HELLO
   */
  public Decision identify(Channel channel, String label) {
    SslHandler handler = channel.pipeline().get(SslHandler.class);
    if (handler == null || !demandsCertificates) {
      return decide(Identity.ofLabel(label));
    }
    return PeerCertificate.of(handler)
        .<Decision>flatMap(
            certificate -> Identity.of(certificate).map(identity -> decide(certificate, identity)))
        .orElseGet(() ->
            new Decision.Refused(
                "the certificate names nobody: it needs one valid SPIFFE ID, or a first DNS name"
                    + " or else a common name of A-Z a-z 0-9 . _ -",
                null));
  }

  /**
   * Also checks the expiry, because a resumed TLS session has the certificate of its first
   * handshake, and TLS does not verify it again.
   */
  private Decision decide(X509Certificate certificate, Identity identity) {
    Instant expiry = certificate.getNotAfter().toInstant();
    return clock.instant().isAfter(expiry)
        ? new Decision.Refused(
            "the certificate of %s expired at %s".formatted(identity.name(), expiry), identity)
        : decide(identity);
  }

  private Decision decide(Identity identity) {
    return denials
        .reason(identity)
        .<Decision>map(reason -> new Decision.Refused(reason, identity))
        .orElseGet(() -> new Decision.Authenticated(identity));
  }

  /** Replaces the denials. */
  public void deny(List<String> entries) {
    denials = new Denials(entries);
  }

  /** Returns why a client is denied now; empty if it is not denied. */
  public Optional<String> denial(Identity identity) {
    return denials.reason(identity);
  }
}
