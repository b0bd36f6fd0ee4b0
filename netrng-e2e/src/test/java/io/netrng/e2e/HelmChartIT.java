package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The chart, rendered by the real Helm for several versions of Kubernetes. */
class HelmChartIT {

  private static final Path SOURCES = Path.of("../helm/netrng");
  private static final List<String> KUBERNETES =
      List.of("1.30.0", "1.31.0", "1.32.0", "1.33.0", "1.34.0", "1.35.0", "1.36.0");
  private static final String DEVICE_PLUGIN = "--set=server.device.mode=devicePlugin";

  private static Path chart;

  @BeforeAll
  static void pack() throws Exception {
    chart = Helm.pack();
  }

  @Nested
  class Values {

    static List<Arguments> examplesWithEachHelm() throws IOException {
      try (Stream<Path> examples = Files.list(SOURCES.resolve("ci"))) {
        List<Path> all = examples.sorted().toList();
        assertThat(all).hasSizeGreaterThan(5);
        return all.stream()
            .flatMap(values ->
                Arrays.stream(Helm.values()).map(helm -> Arguments.of(helm, values.getFileName())))
            .toList();
      }
    }

    @ParameterizedTest
    @MethodSource("examplesWithEachHelm")
    void areLintedAndRenderedToWhatAClusterTakes(Helm helm, Path name) throws Exception {
      Path values = SOURCES.resolve("ci").resolve(name);
      assertThat(helm.run("lint", "--strict", chart.toString(), "--values=" + values))
          .contains("0 chart(s) failed");
      for (String version : KUBERNETES) {
        Rendering rendering =
            helm.template(chart, "--values=" + values, "--kube-version=" + version);
        assertThat(rendering.objects()).hasSizeGreaterThan(4);
        ChartLaws.require(rendering, Files.readString(values));
      }
    }

    @ParameterizedTest
    @EnumSource
    void giveTheSameFromTheCheckoutAsFromTheArchive(Helm helm, @TempDir Path directory)
        throws Exception {
      // Nothing by chance; and all of monitoring/, to which Helm follows a link.
      String[] values = {
        "--set=server.device.mode=privileged,tls.mode=plaintext,server.admin.existingSecret=a",
        "--set=monitoring.dashboards.enabled=true,monitoring.prometheusRule.enabled=true"
      };
      String version = metadata().at("/version").asString();
      helm.run(
          "package",
          SOURCES.toString(),
          "--destination=" + directory,
          "--version=" + version,
          "--app-version=" + version);
      Path packed = directory.resolve(chart.getFileName());
      assertThat(helm.template(packed, values)).isEqualTo(helm.template(chart, values));
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "device-plugin|A device plugin has to offer squat.ai/hwrng",
          "device-plugin|The certificates are Helm's",
          "privileged|The namespace has to allow privileged pods, for only CAP_SYS_ADMIN",
          "host-addresses|The clients draw from netrng-server.entropy.svc:8989",
          "host-name|The server's certificate has to be for rng.example.org",
          "existing-secrets|by the name of their certificate, rng-client;",
          "plaintext|WARNING: tls.mode=plaintext",
        })
    void tellTheNextStep(String example, String step) throws Exception {
      // Helm 3 would ask a cluster here.
      assertThat(
              Helm.V4.run(
                  "install",
                  "netrng",
                  chart.toString(),
                  "--namespace=entropy",
                  "--dry-run=client",
                  "--values=" + SOURCES.resolve("ci").resolve(example + "-values.yaml")))
          .contains(step, "helm test netrng --namespace entropy");
    }
  }

  @Nested
  class AServer {

    @Test
    void takesTheDeviceOfADevicePlugin() throws Exception {
      JsonNode container =
          Helm.V4.template(chart, DEVICE_PLUGIN).pod("server").at("/spec/containers/0");
      assertThat(container.at("/resources/limits/squat.ai~1hwrng").asInt()).isEqualTo(1);
      assertThat(container.at("/resources/limits/memory").asString()).isEqualTo("512Mi");
    }

    @Test
    void takesTheDevicesOfItsNodeWhenItIsPrivileged() throws Exception {
      JsonNode spec = example("privileged").pod("server").at("/spec");
      assertThat(spec.at("/containers/0/securityContext/privileged").asBoolean()).isTrue();
      assertThat(spec.at("/volumes").findValuesAsString("path"))
          .containsExactly("/dev/hwrng", "/dev/ttyRNG0");
      assertThat(spec.at("/volumes").findValuesAsString("type")).containsOnly("CharDevice");
    }

    @Test
    void isNotThereWhereOneOutsideTheClusterServes() throws Exception {
      Rendering rendering = example("host-addresses");
      assertThat(rendering.hasPod("server")).isFalse();
      assertThat(rendering.properties("client"))
          .containsEntry("netrng.client.servers", "netrng-server.entropy.svc:8989");
      JsonNode service = rendering.one("Service", "netrng-server");
      assertThat(service.at("/spec/ports/0/targetPort").asInt()).isEqualTo(18989);
      JsonNode four = rendering.one("EndpointSlice", "netrng-server-ipv4");
      assertThat(four.at("/endpoints").findValues("addresses").toString())
          .isEqualTo("[[\"192.0.2.10\"], [\"192.0.2.11\"]]");
      JsonNode six = rendering.one("EndpointSlice", "netrng-server-ipv6");
      assertThat(six.at("/addressType").asString()).isEqualTo("IPv6");
      assertThat(six.at("/endpoints/0/addresses/0").asString()).isEqualTo("2001:db8::10");
      assertThat(rendering.one("NetworkPolicy", "netrng-client").findValuesAsString("cidr"))
          .contains("192.0.2.10/32", "2001:db8::10/128");

      assertThat(example("host-name").properties("client"))
          .containsEntry("netrng.client.servers", "rng.example.org:8989");
    }

    @ParameterizedTest
    @CsvSource({"1.30.0,''", "1.31.0,PreferClose", "1.33.0,PreferClose", "1.34.0,PreferSameZone"})
    void isSoughtInTheClientsZoneWhereKubernetesCanDoThat(String version, String preference)
        throws Exception {
      Rendering rendering = Helm.V3.template(chart, DEVICE_PLUGIN, "--kube-version=" + version);
      assertThat(
              rendering.one("Service", "netrng-server").at("/spec/trafficDistribution").asString())
          .isEqualTo(preference);
    }

    @Test
    void hasABudgetOfDisruptionsOnlyInADeployment() throws Exception {
      assertThat(example("privileged").all("PodDisruptionBudget")).hasSize(1);
      assertThat(example("device-plugin").all("PodDisruptionBudget")).isEmpty();
    }

    @Test
    void isNotRestartedForPoliciesAndDenials() throws Exception {
      String checksum = "/metadata/annotations/checksum~1config";
      JsonNode before = Helm.V4.template(chart, DEVICE_PLUGIN).pod("server").at(checksum);
      Rendering policies =
          Helm.V4.template(
              chart, DEVICE_PLUGIN, "--set=server.clients[0].name=a,server.denied={b}");
      assertThat(policies.properties("server")).containsEntry("netrng.server.denied", "b");
      assertThat(policies.pod("server").at(checksum)).isEqualTo(before);
      Rendering other =
          Helm.V4.template(
              chart, DEVICE_PLUGIN, "--set=server.config.netrng\\.server\\.capacity=1KB/s");
      assertThat(other.pod("server").at(checksum)).isNotEqualTo(before);
    }
  }

  @Nested
  class Certificates {

    @Test
    void ofCertManagerAreForTheNamesThatClientsUse() throws Exception {
      Rendering rendering = example("privileged");
      JsonNode server = rendering.one("Certificate", "netrng-server").at("/spec");
      for (String address :
          rendering.properties("client").getProperty("netrng.client.servers").split(",", -1)) {
        assertThat(strings(server.at("/dnsNames"))).contains(address.replaceFirst(":\\d+$", ""));
      }
      assertThat(strings(server.at("/dnsNames"))).contains("rng.example.org");
      assertThat(strings(server.at("/ipAddresses"))).containsExactly("192.0.2.10");
      assertThat(rendering.all("Issuer")).hasSize(2);
      assertThat(rendering.all("Certificate").filter(c -> c.at("/spec/isCA").asBoolean(false)))
          .hasSize(1);

      Rendering given = example("host-addresses");
      assertThat(given.all("Issuer")).isEmpty();
      assertThat(given.all("Certificate"))
          .hasSize(2)
          .allMatch(c -> c.at("/spec/issuerRef/name").asString().equals("corporate"));
    }

    @Test
    void areNotUsedOnlyWhereThatIsAskedForByName() throws Exception {
      Rendering plaintext = Helm.V4.template(chart, DEVICE_PLUGIN, "--set=tls.mode=plaintext");
      for (String component : List.of("server", "client")) {
        assertThat(plaintext.properties(component))
            .containsEntry("netrng." + component + ".allow-plaintext", "true")
            .doesNotContainKey("netrng." + component + ".tls.bundle");
      }
      for (String name : List.of("device-plugin", "privileged", "existing-secrets")) {
        for (String component : List.of("server", "client")) {
          assertThat(example(name).properties(component))
              .containsEntry("netrng." + component + ".tls.bundle", "netrng")
              .doesNotContainKey("netrng." + component + ".allow-plaintext");
        }
      }
    }
  }

  @Test
  void theArchiveIsTheSameEachTimeAndHasTheProjectsVersion() throws Exception {
    byte[] once = Files.readAllBytes(chart);
    assertThat(Files.readAllBytes(Helm.pack())).isEqualTo(once);
    String version = metadata().at("/version").asString();
    assertThat(Files.readString(Path.of("../pom.xml")))
        .contains("\n  <version>" + version + "</version>");
    assertThat(metadata().at("/appVersion").asString()).isEqualTo(version);
  }

  private static JsonNode metadata() throws Exception {
    return Rendering.of(Helm.V4.run("show", "chart", chart.toString())).objects().getFirst();
  }

  private static Rendering example(String name) throws IOException, InterruptedException {
    return Helm.V4.template(
        chart, "--values=" + SOURCES.resolve("ci").resolve(name + "-values.yaml"));
  }

  private static Collection<String> strings(JsonNode list) {
    return list.valueStream().map(JsonNode::asString).toList();
  }
}
