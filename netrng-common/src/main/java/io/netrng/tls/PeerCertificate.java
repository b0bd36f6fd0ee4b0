// SPDX-License-Identifier: Apache-2.0
package io.netrng.tls;

import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;

/** The verified certificate of the other side of a TLS connection, and its names. */
public final class PeerCertificate {

  /** The type of DNS names among the alternative names (RFC 5280, 4.2.1.6). */
  public static final int DNS_NAME = 2;

  /** The type of URIs. */
  public static final int URI = 6;

  /** The type of IP addresses. */
  public static final int IP_ADDRESS = 7;

  private PeerCertificate() {}

  /** Returns the certificate; empty if the other side has presented none. */
  public static Optional<X509Certificate> of(SslHandler handler) {
    try {
      Certificate[] chain = handler.engine().getSession().getPeerCertificates();
      return chain[0] instanceof X509Certificate own ? Optional.of(own) : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  /**
   * Returns the subject alternative names of one type, in the order of the certificate.
   *
   * @throws CertificateParsingException if they cannot be decoded
   */
  public static List<String> alternativeNames(X509Certificate certificate, int type)
      throws CertificateParsingException {
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    return names == null
        ? List.of()
        : names.stream()
            .filter(name -> name.getFirst().equals(type))
            .map(name -> (String) name.get(1))
            .toList();
  }
}
