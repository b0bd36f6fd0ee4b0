// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import io.netrng.startup.InvalidPropertyException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The denied clients, by name or by the fingerprint of one certificate. */
final class Denials {

  private static final String PROPERTY = "netrng.server.denied";
  private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");

  private final Set<String> names;
  private final Set<String> fingerprints;

  /**
   * Parses the entries of the configuration.
   *
   * @throws InvalidPropertyException if an entry is neither a name nor a fingerprint
   */
  Denials(List<String> entries) {
    names =
        entries.stream()
            .filter(entry -> !isFingerprint(entry))
            .map(Denials::name)
            .collect(Collectors.toUnmodifiableSet());
    fingerprints =
        entries.stream()
            .filter(Denials::isFingerprint)
            .map(Denials::plain)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Returns why the client is denied; empty if it is not denied. */
  Optional<String> reason(Identity identity) {
    String fingerprint = identity.fingerprint();
    if (fingerprint != null && fingerprints.contains(fingerprint)) {
      return Optional.of(
          "the certificate of %s with the fingerprint %s is denied: %s"
              .formatted(identity.name(), fingerprint, PROPERTY));
    }
    return names.contains(identity.name())
        ? Optional.of("%s is denied: %s".formatted(identity.name(), PROPERTY))
        : Optional.empty();
  }

  private static String name(String entry) {
    if (!Identity.isName(entry)) {
      throw new InvalidPropertyException(
          PROPERTY + "[]",
          "'" + entry + "'",
          "give a name of A-Z a-z 0-9 . _ -, a SPIFFE ID, or the SHA-256 fingerprint of a"
              + " certificate");
    }
    return entry;
  }

  private static boolean isFingerprint(String entry) {
    return FINGERPRINT.matcher(plain(entry)).matches();
  }

  /** Accepts the output of openssl, or the same without colons. */
  private static String plain(String fingerprint) {
    return fingerprint.replace(":", "").toLowerCase(Locale.ROOT);
  }
}
