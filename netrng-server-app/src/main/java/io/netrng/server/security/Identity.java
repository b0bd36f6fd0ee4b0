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
 * Who a client is: what policies, limits and denials hang on.
 *
 * @param name compared literally
 * @param fingerprint the SHA-256 digest of the certificate in lower-case hexadecimal; null if the
 *     client had to show none
 */
public record Identity(String name, @Nullable String fingerprint) {

  /** What a policy can be written for, and what can stand in a log line. */
  static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,253}");

  private static final int DNS_NAME = 2;
  private static final String COMMON_NAME = "CN";

  /** The label stands in for the identity where nobody has to prove one. */
  public static Identity ofLabel(String label) {
    return new Identity(label, null);
  }

  /**
   * The first DNS name among the certificate's subject alternative names, else its common name.
   * Empty if that cannot be an identity; the next name is not looked for, so that nobody is taken
   * for another whose first name happens to be misspelt.
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
   * The most specific one; the names of RFC 2253 begin with the least specific when parsed. Null if
   * that one is no text or one of several beside each other; the next is not looked for.
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
