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

/** What Helm has made of chance, an upgrade keeps, for it finds it in the cluster. */
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
    assertThat(secrets).containsOnlyKeys("netrng-admin", "netrng-client-tls", "netrng-server-tls");
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
  void anUpgradeWithNewServerNamesCreatesCertificatesAndKeepsTheToken(Helm helm) throws Exception {
    Rendering first = upgrade(helm);
    cluster.has(first.all("Secret"));
    Map<String, Map<String, String>> next =
        secrets(upgrade(helm, "--set=tls.serverNames={rng.example.org,192.0.2.10}"));
    assertThat(next.get("netrng-admin")).isEqualTo(secrets(first).get("netrng-admin"));
    assertThat(next.get("netrng-client-tls"))
        .isNotEqualTo(secrets(first).get("netrng-client-tls"))
        .containsEntry("ca.crt", next.get("netrng-server-tls").get("ca.crt"));
    assertThat(names(next.get("netrng-server-tls")))
        .contains(
            List.of(2, "netrng-server.entropy.svc"),
            List.of(2, "rng.example.org"),
            List.of(7, "192.0.2.10"));
    assertThat(names(next.get("netrng-client-tls"))).containsExactly(List.of(2, "netrng-client"));
  }

  @ParameterizedTest
  @EnumSource
  void anUpgradeWithAMissingCertificateCreatesBothCertificatesAgain(Helm helm) throws Exception {
    Rendering first = upgrade(helm);
    cluster.has(first.all("Secret").filter(s -> !Rendering.name(s).equals("netrng-client-tls")));
    assertThat(secrets(upgrade(helm)).get("netrng-server-tls"))
        .isNotEqualTo(secrets(first).get("netrng-server-tls"));
  }

  /**
   * The alternative names of a certificate that its authority has signed: 2 is DNS, 7 an address.
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
