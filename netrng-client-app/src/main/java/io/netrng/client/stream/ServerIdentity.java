// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.tls.PeerCertificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;

/** The identity of a server, by which a client that combines servers tells them apart. */
final class ServerIdentity {

  private static final List<Integer> TYPES =
      List.of(PeerCertificate.URI, PeerCertificate.DNS_NAME, PeerCertificate.IP_ADDRESS);

  private ServerIdentity() {}

  /**
   * Returns the first URI, DNS name or IP address among the certificate's subject alternative
   * names, in this order of types, otherwise its subject. An authority that issues one name to one
   * server only makes servers with different identities different servers.
   */
  static String of(X509Certificate certificate) {
    try {
      for (int type : TYPES) {
        List<String> names = PeerCertificate.alternativeNames(certificate, type);
        if (!names.isEmpty()) {
          return names.getFirst();
        }
      }
      return certificate.getSubjectX500Principal().getName();
    } catch (CertificateParsingException e) {
      throw new IllegalStateException("the server's certificate has been verified", e);
    }
  }
}
