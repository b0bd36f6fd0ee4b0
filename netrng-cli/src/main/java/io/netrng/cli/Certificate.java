// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The first certificate in a PEM file. */
record Certificate(X509Certificate certificate) {

  /** The kinds of names that certificates of servers have: DNS names and IP addresses. */
  private static final Set<Object> NAMES = Set.of(2, 7);

  static Certificate read(Path file) throws IOException, CommandFailure {
    try (InputStream in = Files.newInputStream(file)) {
      return new Certificate(
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in));
    } catch (CertificateException e) {
      throw new CommandFailure("%s has no certificate: %s".formatted(file, e.getMessage()), e);
    }
  }

  Instant expiry() {
    return certificate.getNotAfter().toInstant();
  }

  boolean expiresWithin(Duration time) {
    return expiry().isBefore(Instant.now().plus(time));
  }

  /** Whether the key of an authority has signed this certificate. */
  boolean isIssuedBy(Certificate authority) {
    try {
      certificate.verify(authority.certificate.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Returns the names and addresses that the certificate is for, with blanks between. */
  String names() throws CommandFailure {
    try {
      return Optional.ofNullable(certificate.getSubjectAlternativeNames()).stream()
          .flatMap(Collection::stream)
          .filter(name -> NAMES.contains(name.getFirst()))
          .map(List::getLast)
          .map(Object::toString)
          .collect(Collectors.joining(" "));
    } catch (CertificateException e) {
      throw new CommandFailure("A certificate is malformed: " + e.getMessage(), e);
    }
  }
}
