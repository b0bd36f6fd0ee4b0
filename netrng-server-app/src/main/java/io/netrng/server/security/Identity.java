// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import io.netrng.tls.PeerCertificate;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
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

  private static final String PLAIN = "[A-Za-z0-9._-]";
  private static final String SCHEME = "spiffe:";

  /** Limits the width of lists and log lines; the standard allows 2,048 bytes. */
  private static final int LONGEST_SPIFFE_ID = 512;

  /**
   * A SPIFFE ID with a path, in the only notation that the standard allows: a lower-case trust
   * domain, and segments that are neither empty nor . or ..
   */
  private static final String SPIFFE_ID =
      "spiffe://[a-z0-9._-]{1,255}(?!.*/[.]{0,2}(?:/|$))/[A-Za-z0-9._/-]+";

  private static final Pattern NAME = Pattern.compile(PLAIN + "{1,253}|" + SPIFFE_ID);

  private static final Pattern BEGINNING =
      Pattern.compile(PLAIN + "{0,253}|spiffe://[A-Za-z0-9._/-]*");

  private static final int KEY_CERT_SIGN = 5;
  private static final int CRL_SIGN = 6;
  private static final String COMMON_NAME = "CN";

  /** Uses the label as the identity if no certificate is required. */
  public static Identity ofLabel(String label) {
    return new Identity(label, null);
  }

  /** Whether a name can be that of an identity. Such a name is safe in a log line. */
  public static boolean isName(String name) {
    return name.length() <= LONGEST_SPIFFE_ID && NAME.matcher(name).matches();
  }

  /** Whether names of identities can begin with this text. */
  public static boolean isBeginning(String text) {
    return text.length() <= LONGEST_SPIFFE_ID && BEGINNING.matcher(text).matches();
  }

  /**
   * Returns the SPIFFE ID among the certificate's subject alternative names, otherwise the first
   * DNS name, otherwise the common name. Empty if that name cannot be an identity. Later names are
   * not tried, so that a misspelt first name never gives a client the identity of another.
   */
  static Optional<Identity> of(X509Certificate certificate) {
    return Optional.ofNullable(
            alternativeName(certificate).orElseGet(() -> commonName(certificate)))
        .filter(Identity::isName)
        .map(name -> new Identity(name, fingerprint(certificate)));
  }

  private static Optional<String> alternativeName(X509Certificate certificate) {
    try {
      List<String> uris = PeerCertificate.alternativeNames(certificate, PeerCertificate.URI);
      return uris.stream().anyMatch(Identity::isSpiffe)
          ? Optional.of(uris.size() == 1 && isLeaf(certificate) ? uris.getFirst() : "")
          : PeerCertificate.alternativeNames(certificate, PeerCertificate.DNS_NAME).stream()
              .findFirst();
    } catch (CertificateParsingException e) {
      return Optional.of("");
    }
  }

  private static boolean isSpiffe(String uri) {
    return uri.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
  }

  /**
   * Whether the certificate may authenticate a client. An X.509-SVID that may sign certificates
   * must not (X509-SVID, 5.2), and neither may one with several URIs.
   */
  private static boolean isLeaf(X509Certificate certificate) {
    boolean[] usage = certificate.getKeyUsage();
    return certificate.getBasicConstraints() < 0
        && (usage == null || !(usage[KEY_CERT_SIGN] || usage[CRL_SIGN]));
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
