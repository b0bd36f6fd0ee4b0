// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An upgrade keeps the random values of the first installation, because the chart looks them up in
 * the cluster.
 */
class HelmUpgradeIT {

  private static Path chart;

  @AutoClose private final ApiStub cluster = new ApiStub();

  HelmUpgradeIT() throws IOException {}

  @BeforeAll
  static void pack() throws Exception {
    chart = Helm.pack();
  }

  private Rendering upgrade(Helm helm, String... more) throws Exception {
    Stream<String> arguments =
        Stream.of(
            "--kube-apiserver=" + cluster.url(),
            "--dry-run=server",
            "--disable-openapi-validation",
            "--set=server.device.mode=devicePlugin");
    return helm.template(chart, Stream.concat(arguments, Stream.of(more)).toArray(String[]::new));
  }

  private static Map<String, Map<String, String>> secrets(Rendering rendering) {
    Map<String, Map<String, String>> secrets = new TreeMap<>();
    rendering.all("Secret").forEach(s -> secrets.put(Rendering.name(s), Rendering.data(s)));
    assertThat(secrets)
        .containsOnlyKeys(
            "netrng-admin", "netrng-client-tls", "netrng-generated-ca", "netrng-server-tls");
    return secrets;
  }

  @ParameterizedTest
  @EnumSource
  void anUpgradeKeepsTheAdminTokenAndTheCertificates(Helm helm) throws Exception {
    Rendering first = upgrade(helm);
    assertThat(secrets(upgrade(helm))).isNotEqualTo(secrets(first));
    cluster.has(first.all("Secret"));
    assertThat(secrets(upgrade(helm, "--set=server.maxUnavailable=2"))).isEqualTo(secrets(first));
  }

  @ParameterizedTest
  @EnumSource
  void anUpgradeWithNewServerNamesKeepsTheAuthorityTheClientsAndTheToken(Helm helm)
      throws Exception {
    Rendering first = upgrade(helm);
    cluster.has(first.all("Secret"));
    Map<String, Map<String, String>> before = secrets(first);
    Map<String, Map<String, String>> next =
        secrets(upgrade(helm, "--set=tls.serverNames={rng.example.org,192.0.2.10}"));
    for (String kept : List.of("netrng-admin", "netrng-client-tls", "netrng-generated-ca")) {
      assertThat(next.get(kept)).as(kept).isEqualTo(before.get(kept));
    }
    assertThat(next.get("netrng-server-tls"))
        .isNotEqualTo(before.get("netrng-server-tls"))
        .containsEntry("ca.crt", before.get("netrng-server-tls").get("ca.crt"));
    assertThat(names(next.get("netrng-server-tls")))
        .contains(
            List.of(2, "netrng-server.entropy.svc"),
            List.of(2, "rng.example.org"),
            List.of(7, "192.0.2.10"));
    assertThat(names(next.get("netrng-client-tls"))).containsExactly(List.of(2, "netrng-client"));
  }

  @ParameterizedTest
  @EnumSource
  void anUpgradeWithAMissingCertificateCreatesThatOneAgain(Helm helm) throws Exception {
    Rendering first = upgrade(helm);
    cluster.has(first.all("Secret").filter(s -> !Rendering.name(s).equals("netrng-client-tls")));
    Map<String, Map<String, String>> next = secrets(upgrade(helm));
    assertThat(next.get("netrng-server-tls")).isEqualTo(secrets(first).get("netrng-server-tls"));
    assertThat(names(next.get("netrng-client-tls"))).containsExactly(List.of(2, "netrng-client"));
  }

  @ParameterizedTest
  @EnumSource
  void aNewAuthorityIsPublishedTogetherWithTheOneBefore(Helm helm) throws Exception {
    // given a deleted Secret of the authority
    Rendering first = upgrade(helm);
    cluster.has(first.all("Secret").filter(s -> !Rendering.name(s).equals("netrng-generated-ca")));
    String before = secrets(first).get("netrng-generated-ca").get("tls.crt");

    // when
    Map<String, Map<String, String>> next = secrets(upgrade(helm));

    // then
    String after = next.get("netrng-generated-ca").get("tls.crt");
    assertThat(after).isNotEqualTo(before);
    for (String component : List.of("netrng-server-tls", "netrng-client-tls")) {
      assertThat(next.get(component).get("ca.crt")).contains(after.strip(), before.strip());
      assertThat(names(next.get(component))).isNotEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aChangeFromCertManagerTrustsItsAuthorityToo(Helm helm) throws Exception {
    // given a Secret of cert-manager with its own name
    Rendering other = upgrade(helm);
    JsonNode made = other.one("Secret", "netrng-server-tls");
    ((ObjectNode) made.at("/metadata")).put("name", "netrng-server-cert-manager-tls");
    cluster.has(Stream.of(made));

    // when
    Map<String, Map<String, String>> next = secrets(upgrade(helm));

    // then
    assertThat(next.get("netrng-client-tls").get("ca.crt"))
        .contains(
            Rendering.data(made).get("ca.crt").strip(),
            next.get("netrng-generated-ca").get("tls.crt").strip());
    assertThat(
            helm.template(chart, "--set=server.device.mode=devicePlugin,tls.mode=certManager")
                .all("Certificate")
                .map(certificate -> certificate.at("/spec/secretName").asString()))
        .contains("netrng-server-cert-manager-tls", "netrng-client-cert-manager-tls");
  }

  /**
   * Returns the subject alternative names of a certificate with a valid signature of its authority.
   * The types are 2 for DNS and 7 for an IP address.
   */
  private static List<List<?>> names(Map<String, String> secret) throws Exception {
    X509Certificate certificate = certificate(secret.get("tls.crt"));
    certificate.verify(certificate(secret.get("ca.crt")).getPublicKey());
    return List.copyOf(certificate.getSubjectAlternativeNames());
  }

  private static X509Certificate certificate(String pem) throws Exception {
    Certificate certificate =
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    return (X509Certificate) certificate;
  }
}
