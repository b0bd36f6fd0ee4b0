// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a client, which selects its policy, limits and denials.
 *
 * @param name compared literally
 * @param fingerprint the SHA-256 digest of the certificate in lower-case hexadecimal; null if no
 *     certificate was required
 */
public record Identity(String name, @Nullable String fingerprint) {

  /** The names for which a policy can be written, and which are safe in a log line. */
  static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,253}");

  private static final int DNS_NAME = 2;
  private static final String COMMON_NAME = "CN";

  /** Uses the label as the identity if no certificate is required. */
  public static Identity ofLabel(String label) {
    return new Identity(label, null);
  }

  /**
   * Returns the first DNS name among the certificate's subject alternative names, otherwise its
   * common name. Empty if that name cannot be an identity. Later names are not tried, so that a
   * misspelt first name never gives a client the identity of another.
   */
  static Optional<Identity> of(X509Certificate certificate) {
    return Optional.ofNullable(dnsName(certificate).orElseGet(() -> commonName(certificate)))
        .filter(name -> NAME.matcher(name).matches())
        .map(name -> new Identity(name, fingerprint(certificate)));
  }

  private static Optional<String> dnsName(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? Optional.empty()
          : names.stream()
              .filter(name -> name.getFirst().equals(DNS_NAME))
              .map(name -> (String) name.get(1))
              .findFirst();
    } catch (CertificateParsingException e) {
      return Optional.of("");
    }
  }

  /**
   * Returns the most specific common name; the parsed names of RFC 2253 start with the least
   * specific. Null if it is no text or one of several values in one component; others are not
   * tried.
   */
  private static @Nullable String commonName(X509Certificate certificate) {
    try {
      String subject = certificate.getSubjectX500Principal().getName();
      for (Rdn rdn : new LdapName(subject).getRdns().reversed()) {
        Attribute names = rdn.toAttributes().get(COMMON_NAME);
        if (names != null) {
          return names.size() == 1 && names.get() instanceof String name ? name : null;
        }
      }
      return null;
    } catch (NamingException e) {
      return null;
    }
  }

  private static String fingerprint(X509Certificate certificate) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
      throw new IllegalStateException(e);
    }
  }
}
