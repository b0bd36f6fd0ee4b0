// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Determines the identity of a client, and whether it is denied. The identity is that of its
 * certificate if certificates are required, otherwise its label. Its methods may be called from any
 * thread.
 */
public final class ClientAuthenticator {

  private final boolean demandsCertificates;
  private volatile Denials denials;

  /** Creates an authenticator with the denials of the properties. */
  public ClientAuthenticator(SecurityProperties properties) {
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
     * The client has no identity, or is denied.
     *
     * @param reason the reason, for its CLOSE
     * @param identity its identity, which is denied; null if it has none
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
    Optional<Identity> identity =
        handler == null || !demandsCertificates
            ? Optional.of(Identity.ofLabel(label))
            : certificate(handler).flatMap(Identity::of);
    return identity
        .<Decision>map(known ->
            denials
                .reason(known)
                .<Decision>map(reason -> new Decision.Refused(reason, known))
                .orElseGet(() -> new Decision.Authenticated(known)))
        .orElseGet(() ->
            new Decision.Refused(
                "the certificate names nobody: its first DNS name, or else its common name,"
                    + " must consist of A-Z a-z 0-9 . _ -",
                null));
  }

  /** Replaces the denials. */
  public void deny(List<String> entries) {
    denials = new Denials(entries);
  }

  /** Returns why a client is denied now; empty if it is not denied. */
  public Optional<String> denial(Identity identity) {
    return denials.reason(identity);
  }

  private static Optional<X509Certificate> certificate(SslHandler handler) {
    try {
      Certificate[] chain = handler.engine().getSession().getPeerCertificates();
      return chain[0] instanceof X509Certificate own ? Optional.of(own) : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }
}
