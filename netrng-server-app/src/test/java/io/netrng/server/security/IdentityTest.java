// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.netrng.startup.InvalidPropertyException;
import io.netrng.testing.Pki;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {

  private static final Pki PKI = new Pki();

  private static Optional<String> nameIn(CertificateBuilder certificate) {
    return Identity.of(PKI.sign(certificate).getCertificate()).map(Identity::name);
  }

  @Nested
  class CertificateNames {

    @Test
    void usesTheFirstDnsNameOfACertificate() {
      assertThat(
              nameIn(
                  Pki.builder("CN=common")
                      .addSanIpAddress("192.0.2.1")
                      .addSanRfc822Name("a@example.org")
                      .addSanDnsName("web-1.example.org")
                      .addSanDnsName("second")))
          .contains("web-1.example.org");
    }

    @Test
    void usesTheCommonNameOfACertificateWithoutADnsName() {
      assertThat(nameIn(Pki.builder("CN=Pod_1").addSanIpAddress("192.0.2.1"))).contains("Pod_1");
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "CN=web-1, OU=lab, O=us|web-1",
          "O=us, OU=lab, CN=web-1|web-1",
          "CN=inner, O=us, CN=outer|inner"
        })
    void usesTheMostSpecificCommonName(String subject, String name) {
      assertThat(nameIn(Pki.builder(subject))).contains(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"O=us", "CN=Jane Doe", "CN=*", "CN=a\\,CN=b", "CN=\u00e4"})
    void findsNoIdentityInACertificateWithoutAValidName(String subject) {
      assertThat(nameIn(Pki.builder(subject))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "CN=#040477656231, CN=outer", // an octet string
          "CN=#040477656231+OU=lab, CN=outer",
          "CN=a+CN=b, CN=outer"
        })
    void doesNotFallBackFromAnInvalidCommonNameToAnotherOne(String subject) {
      X509Certificate certificate = mock();
      when(certificate.getSubjectX500Principal()).thenReturn(new X500Principal(subject));
      assertThat(Identity.of(certificate)).isEmpty();
    }

    @Test
    void usesACommonNameInAMultiValuedRdn() {
      assertThat(nameIn(Pki.builder("C=us+CN=web-1, CN=outer"))).contains("web-1");
    }

    @Test
    void doesNotFallBackFromAnInvalidDnsNameToAnotherName() throws Exception {
      X509Certificate wildcard = mock();
      when(wildcard.getSubjectAlternativeNames())
          .thenReturn(List.of(List.of(2, "*.example.org"), List.of(2, "web-1")));
      when(wildcard.getSubjectX500Principal()).thenReturn(new X500Principal("CN=web-1"));
      assertThat(Identity.of(wildcard)).isEmpty();
    }
  }

  @Nested
  class SpiffeIds {

    private static final String ID = "spiffe://example.org/ns/entropy/sa/web-1";

    @Test
    void usesTheSpiffeIdInsteadOfOtherNames() throws Exception {
      assertThat(
              nameIn(Pki.builder("CN=common").addSanDnsName("web-1.example.org").addSanUriName(ID)))
          .contains(ID);
    }

    @Test
    void ignoresUrisOfOtherSchemes() throws Exception {
      assertThat(
              nameIn(
                  Pki.builder("CN=common")
                      .addSanUriName("https://example.org/")
                      .addSanDnsName("a")))
          .contains("a");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "spiffe://example.org/a",
          "spiffe://a_b.c-d.0/A/b_/.c/..d/-",
          "spiffe://example.org/9eebccd2-12bf-40a6-b262-65fe0487d453"
        })
    void acceptsSpiffeIdsOfTheStandard(String id) throws Exception {
      assertThat(nameIn(Pki.builder("CN=a").addSanUriName(id))).contains(id);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "spiffe://example.org",
          "spiffe://example.org/",
          "spiffe://example.org/a/",
          "spiffe://example.org//a",
          "spiffe://example.org/a//b",
          "spiffe://example.org/./a",
          "spiffe://example.org/a/..",
          "spiffe://example.org/%61",
          "spiffe://example.org/a?b",
          "spiffe://example.org/a#b",
          "spiffe://example.org:80/a",
          "spiffe://user@example.org/a",
          "spiffe://Example.org/a",
          "SPIFFE://example.org/a",
          "spiffe:/a",
          "spiffe:a"
        })
    void doesNotFallBackFromAnInvalidSpiffeIdToAnotherName(String id) throws Exception {
      assertThat(nameIn(Pki.builder("CN=web-1").addSanDnsName("web-1").addSanUriName(id)))
          .isEmpty();
    }

    @Test
    void acceptsUpTo512Bytes() throws Exception {
      String longest = ID + "x".repeat(512 - ID.length());
      assertThat(nameIn(Pki.builder("CN=a").addSanUriName(longest))).contains(longest);
      assertThat(nameIn(Pki.builder("CN=a").addSanUriName(longest + "x"))).isEmpty();
    }

    @Test
    void refusesACertificateWithMoreThanOneUri() throws Exception {
      assertThat(nameIn(Pki.builder("CN=a").addSanUriName(ID).addSanUriName(ID + "2"))).isEmpty();
      assertThat(
              nameIn(Pki.builder("CN=a").addSanUriName("https://example.org/").addSanUriName(ID)))
          .isEmpty();
    }

    @Test
    void refusesACertificateThatMaySignOthers() throws Exception {
      assertThat(nameIn(Pki.builder("CN=a").addSanUriName(ID).setIsCertificateAuthority(true)))
          .isEmpty();
      assertThat(
              nameIn(
                  Pki.builder("CN=a")
                      .addSanUriName(ID)
                      .setKeyUsage(true, KeyUsage.digitalSignature, KeyUsage.keyCertSign)))
          .isEmpty();
    }

    @Test
    void deniesASpiffeId() {
      Denials denials = new Denials(List.of(ID));
      assertThat(denials.reason(new Identity(ID, "0"))).isPresent();
      assertThat(denials.reason(new Identity(ID + "2", "0"))).isEmpty();
    }
  }

  @Nested
  class DeniedClients {

    private final X509Certificate certificate = PKI.sign(Pki.builder("CN=web-1")).getCertificate();
    private final Identity identity = Identity.of(certificate).orElseThrow();

    private static boolean denies(Identity identity, String... entries) {
      return new Denials(List.of(entries)).reason(identity).isPresent();
    }

    @Test
    void deniesAClientByItsExactName() {
      assertThat(denies(identity, "other", "web-1")).isTrue();
      assertThat(denies(Identity.ofLabel("web-1"), "web-1")).isTrue();
      assertThat(denies(identity, "WEB-1", "web-", "web-11")).isFalse();
    }

    @Test
    void deniesOneCertificateByItsFingerprintInAnyNotation() {
      String plain = String.valueOf(identity.fingerprint());
      String asOpensslPrintsIt =
          HexFormat.ofDelimiter(":").withUpperCase().formatHex(HexFormat.of().parseHex(plain));
      assertThat(denies(identity, plain)).isTrue();
      assertThat(denies(identity, plain.toUpperCase(Locale.ROOT))).isTrue();
      assertThat(denies(identity, asOpensslPrintsIt)).isTrue();
      Identity renewed =
          Identity.of(PKI.sign(Pki.builder("CN=web-1")).getCertificate()).orElseThrow();
      assertThat(denies(renewed, plain)).isFalse();
      assertThat(denies(Identity.ofLabel("web-1"), plain)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "web-*", "AB:CD"})
    void rejectsAnEntryThatIsNeitherANameNorAFingerprint(String entry) {
      assertThatExceptionOfType(InvalidPropertyException.class)
          .isThrownBy(() -> new Denials(List.of(entry)))
          .withMessageContaining("netrng.server.denied[] = '" + entry + "'");
    }
  }
}
