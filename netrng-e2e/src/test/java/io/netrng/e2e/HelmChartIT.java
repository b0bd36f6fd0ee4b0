package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
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
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The chart, rendered by the real Helm for several versions of Kubernetes. */
class HelmChartIT {

  private static final Path SOURCES = Path.of("../helm/netrng");
  private static final Path MONITORING = Path.of("../monitoring");
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
    void thatAreNotSetAreTheSameFromTheCheckoutAndTheArchive(Helm helm) throws Exception {
      String[] plain = {
        "--set=server.device.mode=privileged,tls.mode=plaintext",
        "--set=monitoring.dashboards.enabled=true"
      };
      String archive = withoutVersions(helm.template(chart, plain));
      Path checkout = Files.createTempDirectory("chart").resolve("netrng");
      // Helm tells of the link that it follows, among what it renders.
      Machine.run(List.of("cp", "-RL", SOURCES.toString(), checkout.toString()));
      assertThat(withoutVersions(helm.template(checkout, plain))).isEqualTo(archive);
    }

    private static String withoutVersions(Rendering rendering) {
      return rendering
          .objects()
          .toString()
          .replaceAll("0\\.0\\.0|1\\.0\\.0-SNAPSHOT", "VERSION")
          .replaceAll("\"token\":\"[^\"]*\"", "");
    }
  }

  @Nested
  class AStrictReader {

    @Test
    void seesAFieldThatTheApiDoesNotHave() throws Exception {
      JsonNode workload = Helm.V4.template(chart, DEVICE_PLUGIN).one("DaemonSet", "netrng-client");
      ChartLaws.requireKnownFields(workload);
      ((ObjectNode) workload.at("/spec/template/spec/containers/0/securityContext"))
          .put("readOnlyRoot", true);
      assertThatThrownBy(() -> ChartLaws.requireKnownFields(workload))
          .hasMessageContaining("readOnlyRoot");
    }
  }

  @Nested
  class AServer {

    @Test
    void takesTheDeviceOfADevicePlugin() throws Exception {
      JsonNode container =
          Helm.V4.template(chart, DEVICE_PLUGIN).pod("server").at("/spec/containers/0");
      assertThat(container.at("/resources/limits/squat.ai~1hwrng").asInt()).isEqualTo(1);
      assertThat(container.at("/resources/limits/memory").asString()).isEqualTo("448Mi");
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
      assertThat(example("plaintext").properties("server"))
          .containsEntry("netrng.server.allow-plaintext", "true")
          .doesNotContainKey("netrng.server.tls.bundle");
      for (String name : List.of("device-plugin", "privileged", "existing-secrets")) {
        for (String component : List.of("server", "client")) {
          assertThat(example(name).properties(component))
              .containsEntry("netrng." + component + ".tls.bundle", "netrng")
              .doesNotContainKey("netrng." + component + ".allow-plaintext");
        }
      }
    }
  }

  @Nested
  class WhatCannotWork {

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "client.enabled=true|server.device.mode is not set: choose devicePlugin .* privileged .* hostService",
          "server.device.mode=hostService|set server.hostService.addresses or server.hostService.hostName",
          "server.device.mode=hostService,server.hostService.addresses={192.0.2.1},server.hostService.hostName=a|exclude each other",
          "server.device.mode=hostService,server.hostService.hostName=a,client.enabled=false|leaves nothing to install",
          "server.device.mode=hostService,server.hostService.hostName=a,server.denied={b}|has no server to configure",
          "server.device.mode=privileged,server.hostService.hostName=a|no effect with privileged",
          "server.device.mode=devicePlugin,client.hostUsers=false|client.hostUsers=false cannot work",
          "server.device.mode=devicePlugin,tls.mode=existingSecret|in tls.existingSecret.server",
          "server.device.mode=devicePlugin,server.config.netrng\\.server\\.port=1|server.config.netrng.server.port cannot be set",
          "server.device.mode=devicePlugin,client.config.server\\.address=a|client.config.server.address cannot be set",
          "server.device.mode=usb|server.device.mode|value must be one of",
          "server.device.mode=devicePlugin,server.replica=3|replica",
          "server.device.mode=devicePlugin,server.maxUnavailable=0|maxUnavailable",
          "server.device.mode=devicePlugin,server.hostService.port=70000|port",
          "server.device.mode=devicePlugin,server.clients[0].name=a,server.clients[0].guarantee=1KiB|guarantee",
          "server.device.mode=devicePlugin,monitoring.prometheusRule.runbookBaseUrl=docs|runbookBaseUrl",
        })
    void isRefusedInOneSentence(String values, String sentence) {
      for (Helm helm : Helm.values()) {
        assertThatThrownBy(() -> helm.template(chart, "--set=" + values))
            .isInstanceOf(IOException.class)
            .message()
            .containsPattern(sentence);
      }
    }

    @Test
    void onAKubernetesThatIsTooOldIsRefused() {
      assertThatThrownBy(() -> Helm.V4.template(chart, DEVICE_PLUGIN, "--kube-version=1.29.0"))
          .hasMessageContaining(">=1.30.0-0");
    }
  }

  @Nested
  class Monitoring {

    @TempDir private Path directory;

    @Test
    void rulesAreTheRepositorysAndPassTheirTests() throws Exception {
      // given
      JsonNode spec =
          Helm.V4
              .template(chart, DEVICE_PLUGIN, "--set=monitoring.prometheusRule.enabled=true")
              .one("PrometheusRule", "netrng")
              .at("/spec");
      Path sources = MONITORING.resolve("prometheus");
      assertThat(spec)
          .isEqualTo(
              Rendering.of(Files.readString(sources.resolve("netrng-rules.yml")))
                  .objects()
                  .getFirst());

      // when
      Path rules = Files.writeString(directory.resolve("netrng-rules.yml"), spec.toString());
      Path tests =
          Files.copy(
              sources.resolve("netrng-rules-test.yml"), directory.resolve("netrng-rules-test.yml"));

      // then
      Machine.run(List.of("promtool", "check", "rules", rules.toString()));
      Machine.run(List.of("promtool", "test", "rules", tests.toString()));
    }

    @Test
    void alertsLeadToTheRunbooksWhereverTheyAre() throws Exception {
      assertThat(
              example("privileged")
                  .one("PrometheusRule", "netrng")
                  .findValuesAsString("runbook_url"))
          .isNotEmpty()
          .allMatch(url -> url.startsWith("https://git.example.org/netrng/docs/runbooks/"));
    }

    @Test
    void jobsAreThoseThatTheAlertsAskFor() throws Exception {
      assertThat(example("privileged").all("PodMonitor"))
          .extracting(monitor ->
              monitor.at("/spec/podMetricsEndpoints/0/relabelings/0/replacement").asString())
          .containsExactlyInAnyOrder("netrng-server", "netrng-client");
    }

    @Test
    void dashboardsAreTheRepositorys() throws Exception {
      JsonNode map = example("privileged").one("ConfigMap", "netrng-dashboards");
      assertThat(map.at("/metadata/labels/grafana_dashboard").asString()).isEqualTo("1");
      assertThat(map.at("/data").propertyNames())
          .containsExactlyInAnyOrder("netrng-server.json", "netrng-client.json");
      for (String name : map.at("/data").propertyNames()) {
        JsonNode dashboard = JsonMapper.shared().readTree(map.at("/data").get(name).asString());
        Path source = MONITORING.resolve("grafana").resolve(name);
        assertThat(dashboard).isEqualTo(JsonMapper.shared().readTree(Files.readString(source)));
      }
    }
  }

  @Test
  void theArchiveIsTheSameEachTimeAndHasTheProjectsVersion() throws Exception {
    byte[] once = Files.readAllBytes(chart);
    assertThat(Files.readAllBytes(Helm.pack())).isEqualTo(once);
    Set<String> versions = Set.copyOf(metadata().findValuesAsString("version"));
    assertThat(Files.readString(Path.of("../pom.xml")))
        .contains("<version>" + versions.iterator().next());
    assertThat(metadata().at("/appVersion").asString()).isIn(versions);
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
