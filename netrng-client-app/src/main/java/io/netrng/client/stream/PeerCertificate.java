// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;

/** The certificate that a server presented, and the identity of the server. */
final class PeerCertificate {

  /** Kinds of subject alternative names (RFC 5280, 4.2.1.6). */
  private static final int DNS_NAME = 2;

  private static final int URI = 6;
  private static final int IP_ADDRESS = 7;

  private PeerCertificate() {}

  /** Returns the verified certificate of a connection; empty without TLS. */
  static Optional<X509Certificate> of(ChannelPipeline pipeline) {
    SslHandler tls = pipeline.get(SslHandler.class);
    if (tls == null) {
      return Optional.empty();
    }
    try {
      return Optional.of((X509Certificate) tls.engine().getSession().getPeerCertificates()[0]);
    } catch (SSLPeerUnverifiedException e) {
      throw new IllegalStateException("the server has no certificate", e);
    }
  }

  /**
   * Returns the identity of a server: the first URI, DNS name or IP address among the certificate's
   * subject alternative names, in this order of kinds, otherwise its subject. An authority that
   * issues one name to one server only makes servers with different identities different servers.
   */
  static String identity(X509Certificate certificate) {
    for (int kind : new int[] {URI, DNS_NAME, IP_ADDRESS}) {
      Optional<String> name = firstName(certificate, kind);
      if (name.isPresent()) {
        return name.get();
      }
    }
    return certificate.getSubjectX500Principal().getName();
  }

  private static Optional<String> firstName(X509Certificate certificate, int kind) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? Optional.empty()
          : names.stream()
              .filter(name -> name.getFirst().equals(kind))
              .map(name -> (String) name.get(1))
              .findFirst();
    } catch (CertificateParsingException e) {
      throw new IllegalStateException("the server's certificate has been verified", e);
    }
  }
}
