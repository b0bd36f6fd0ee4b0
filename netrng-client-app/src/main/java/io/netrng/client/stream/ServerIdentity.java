// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.discovery.ServerEntry;
import io.netrng.tls.PeerCertificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a server, by which a client that combines servers tells them apart. It depends
 * only on the certificate, so a server has one identity at all of its addresses.
 */
final class ServerIdentity {

  private static final List<Integer> TYPES =
      List.of(PeerCertificate.URI, PeerCertificate.DNS_NAME, PeerCertificate.IP_ADDRESS);

  /** Names in lower case that the client requests from several servers. */
  private final Set<String> shared;

  /**
   * Determines the names that the certificates of several servers contain.
   *
   * @param entries the list of servers
   * @param serverName for all certificates; null uses the names of the entries
   */
  ServerIdentity(List<ServerEntry> entries, @Nullable String serverName) {
    shared =
        Stream.concat(
                Stream.ofNullable(serverName),
                entries.stream()
                    .filter(ServerEntry.Srv.class::isInstance)
                    .map(entry -> ((ServerEntry.Srv) entry).domain()))
            .map(ServerIdentity::lower)
            .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Returns the first URI, DNS name or IP address among the certificate's subject alternative
   * names, in this order of types and in lower case, otherwise its subject. Names that the client
   * requests from several servers identify a server only if it has no other. An authority that
   * issues one name to one server only makes servers with different identities different servers.
   */
  String of(X509Certificate certificate) {
    try {
      List<String> names = new ArrayList<>();
      for (int type : TYPES) {
        PeerCertificate.alternativeNames(certificate, type).stream()
            .map(ServerIdentity::lower)
            .forEach(names::add);
      }
      return Stream.concat(names.stream().filter(name -> !shared.contains(name)), names.stream())
          .findFirst()
          .orElseGet(() -> certificate.getSubjectX500Principal().getName());
    } catch (CertificateParsingException e) {
      throw new IllegalStateException("the server's certificate has been verified", e);
    }
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
