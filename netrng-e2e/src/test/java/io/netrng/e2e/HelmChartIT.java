// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Renderings of the chart for a user's values. */
class HelmChartIT {

  private static final Path SOURCES = Path.of("../charts/netrng");
  private static final String DEVICE_PLUGIN = "--set=server.device.mode=devicePlugin";

  private static Path chart;

  @BeforeAll
  static void pack() throws Exception {
    chart = Helm.pack();
  }

  @Nested
  class AServer {

    @Test
    void aServerWithADevicePluginRequestsOneDeviceAndLimitsItsMemory() throws Exception {
      JsonNode container =
          Helm.V4.template(chart, DEVICE_PLUGIN).pod("server").at("/spec/containers/0");
      assertThat(container.at("/resources/limits/squat.ai~1hwrng").asInt()).isEqualTo(1);
      assertThat(container.at("/resources/limits/memory").asString()).isEqualTo("512Mi");
    }

    @Test
    void aPrivilegedServerMountsTheDevicesOfItsNode() throws Exception {
      JsonNode spec = example("privileged").pod("server").at("/spec");
      assertThat(spec.at("/containers/0/securityContext/privileged").asBoolean()).isTrue();
      assertThat(spec.at("/volumes").findValuesAsString("path"))
          .containsExactly("/dev/hwrng", "/dev/ttyRNG0");
      assertThat(spec.at("/volumes").findValuesAsString("type")).containsOnly("CharDevice");
    }

    @Test
    void anExternalServerReplacesTheServerPodAndConfiguresTheClients() throws Exception {
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

    @Test
    void clientsDiscoverEachServerByTheHeadlessService() throws Exception {
      Rendering rendering =
          Helm.V4.template(
              chart,
              DEVICE_PLUGIN,
              "--set=client.discovery=true,clusterDomain=example.internal,tls.mode=certManager");
      String service = "netrng-server-headless.entropy.svc.example.internal";
      assertThat(rendering.properties("client"))
          .containsEntry(
              "netrng.client.servers",
              "netrng-server.entropy.svc:8989,srv:_stream._tcp." + service);
      JsonNode ports = rendering.one("Service", "netrng-server-headless").at("/spec/ports");
      assertThat(ports.at("/0/name").asString()).isEqualTo("stream");
      assertThat(strings(rendering.one("Certificate", "netrng-server").at("/spec/dnsNames")))
          .containsExactly("netrng-server.entropy.svc", service);
      assertThat(
              rendering
                  .one("NetworkPolicy", "netrng-client")
                  .at("/spec/egress")
                  .findValuesAsString("port"))
          .containsExactly("8989", "53", "53");
    }

    @Test
    void aServerHasOnlyTheStreamAndHttpByDefault() throws Exception {
      Rendering rendering = Helm.V4.template(chart, DEVICE_PLUGIN);
      JsonNode pod = rendering.pod("server");
      assertThat(pod.at("/spec/containers/0/ports").findValuesAsString("name"))
          .containsExactly("http", "stream");
      assertThat(pod.at("/spec/volumes").findValuesAsString("name")).doesNotContain("tokens");
      assertThat(rendering.all("Service").map(Rendering::name))
          .doesNotContain("netrng-server-egd", "netrng-server-api");
      assertThat(rendering.properties("server").stringPropertyNames())
          .noneMatch(name -> name.contains(".egd.") || name.contains(".entropy-api."));
    }

    @Test
    void eachListenerHasAServiceAPolicyAndANameInTheCertificate() throws Exception {
      Rendering rendering = example("listeners");
      assertThat(rendering.properties("server"))
          .containsEntry("netrng.server.egd.listen[0].address", "0.0.0.0:8991")
          .containsEntry("netrng.server.egd.listen[0].mode", "qemu")
          .containsEntry("netrng.server.egd.listen[1].mode", "egd")
          .containsEntry("netrng.server.egd.listen[1].name", "appliances")
          .containsEntry("netrng.server.entropy-api.port", "8990")
          .containsEntry("netrng.server.entropy-api.bind-address", "0.0.0.0")
          .containsEntry("netrng.server.entropy-api.pollinate.ceiling", "512B/s")
          .containsEntry("netrng.server.tls.bundle", "netrng")
          .doesNotContainKey("netrng.server.allow-plaintext");
      JsonNode egd = rendering.one("Service", "netrng-server-egd").at("/spec");
      assertThat(egd.at("/type").asString()).isEqualTo("NodePort");
      assertThat(egd.at("/externalTrafficPolicy").asString()).isEqualTo("Local");
      assertThat(egd.at("/ports").findValuesAsString("targetPort"))
          .containsExactly("egd-8991", "egd-8992");
      JsonNode api = rendering.one("Service", "netrng-server-api");
      assertThat(api.at("/spec/loadBalancerSourceRanges").toString())
          .isEqualTo("[\"192.0.2.0/24\"]");
      assertThat(api.at("/metadata/annotations/example.org~1pool").asString())
          .isEqualTo("internal");
      assertThat(rendering.one("Service", "netrng-server").at("/spec/type").asString())
          .isEqualTo("ClusterIP");
      JsonNode rules = rendering.one("NetworkPolicy", "netrng-server").at("/spec/ingress");
      assertThat(rules.at("/1/ports").findValuesAsString("port"))
          .containsExactly("egd-8991", "egd-8992");
      assertThat(rules.at("/1/from").findValuesAsString("cidr")).containsExactly("192.0.2.0/24");
      assertThat(rules.at("/2/ports").findValuesAsString("port")).containsExactly("entropy-api");
      assertThat(rules.at("/2/from")).hasSize(2);
      assertThat(
              rendering
                  .one("Secret", "netrng-server-tls")
                  .at("/metadata/annotations/netrng.io~1names")
                  .asString())
          .contains("netrng-server-egd.entropy.svc", "netrng-server-api.entropy.svc");
    }

    @Test
    void theDocumentedListenersFulfilTheChartRules(@TempDir Path directory) throws Exception {
      String values = Blocks.tested("listeners of the chart", "docs/kubernetes.md");
      Path file = Files.writeString(directory.resolve("values.yaml"), values);
      Rendering rendering = Helm.V4.template(chart, DEVICE_PLUGIN, "--values=" + file);
      ChartRules.require(rendering, values);
      assertThat(rendering.one("Service", "netrng-server-egd").at("/spec/type").asString())
          .isEqualTo("LoadBalancer");
      assertThat(rendering.one("Service", "netrng-server-api").at("/spec/ports/0/port").asInt())
          .isEqualTo(8990);
    }

    @Test
    void theTokensOfTheEntropyApiAreOnlyInTheirSecret() throws Exception {
      Rendering rendering = example("listeners");
      assertThat(rendering.all("Secret").map(Rendering::name)).doesNotContain("entropy-tokens");
      JsonNode spec = rendering.pod("server").at("/spec");
      JsonNode volume = named(spec.at("/volumes"), "tokens");
      assertThat(volume.at("/secret/secretName").asString()).isEqualTo("entropy-tokens");
      assertThat(volume.at("/secret/defaultMode").asInt()).isEqualTo(0400);
      JsonNode mount = named(spec.at("/containers/0/volumeMounts"), "tokens");
      assertThat(mount.at("/readOnly").asBoolean()).isTrue();
      assertThat(rendering.properties("server"))
          .containsEntry(
              "netrng.server.entropy-api.token-directory", mount.at("/mountPath").asString());
    }

    private static JsonNode named(JsonNode all, String name) {
      return all.valueStream()
          .filter(one -> one.at("/name").asString().equals(name))
          .findFirst()
          .orElseThrow();
    }

    @Test
    void anIpv6PodListensForEgdClientsOnAllAddresses() throws Exception {
      assertThat(
              Helm.V4
                  .template(
                      chart,
                      DEVICE_PLUGIN,
                      "--set=bindAddress=::,networkPolicy.enabled=false",
                      "--set=server.egd.listen[0].port=8991")
                  .properties("server"))
          .containsEntry("netrng.server.egd.listen[0].address", "[::]:8991");
    }

    @ParameterizedTest
    @CsvSource({"1.30.0,''", "1.31.0,PreferClose", "1.33.0,PreferClose", "1.34.0,PreferSameZone"})
    void theServerServicePrefersTheClientsZoneWhereKubernetesSupportsIt(
        String version, String preference) throws Exception {
      Rendering rendering = Helm.V3.template(chart, DEVICE_PLUGIN, "--kube-version=" + version);
      assertThat(
              rendering.one("Service", "netrng-server").at("/spec/trafficDistribution").asString())
          .isEqualTo(preference);
    }

    @Test
    void twoPrivilegedServersOfADeploymentAreNeverOnOneNode() throws Exception {
      JsonNode rule =
          example("privileged")
              .pod("server")
              .at(
                  "/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/0");
      assertThat(rule.at("/topologyKey").asString()).isEqualTo("kubernetes.io/hostname");
      assertThat(example("privileged").selectedBy(rule.at("/labelSelector/matchLabels")))
          .containsExactly(example("privileged").pod("server"));
      assertThat(example("device-plugin").pod("server").at("/spec/affinity").isMissingNode())
          .isTrue();
    }

    @Test
    void aServerThatEndsServesUntilTheNodesKnowAndAClientEndsAtOnce() throws Exception {
      Rendering rendering = Helm.V4.template(chart, DEVICE_PLUGIN);
      String sleep = "/spec/containers/0/lifecycle/preStop/sleep/seconds";
      assertThat(rendering.pod("server").at(sleep).asInt()).isEqualTo(5);
      assertThat(rendering.pod("client").at(sleep).isMissingNode()).isTrue();
      assertThat(
              Helm.V4
                  .template(chart, DEVICE_PLUGIN, "--set=server.preStopSleepSeconds=0")
                  .pod("server")
                  .at(sleep)
                  .isMissingNode())
          .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"512Mi,256", "1Gi,512", "300M,143", "1.5Gi,768", "16Mi,32", "200Gi,31744"})
    void theHeapFollowsTheMemoryLimit(String limit, int heap) throws Exception {
      Rendering rendering =
          Helm.V4.template(chart, DEVICE_PLUGIN, "--set=server.resources.limits.memory=" + limit);
      assertThat(strings(rendering.pod("server").at("/spec/containers/0/command")))
          .containsExactly(
              "/usr/bin/tini",
              "--",
              "/usr/lib/netrng-server/runtime/bin/java",
              "@/usr/lib/netrng-server/java.options",
              "-Xmx%dm".formatted(heap),
              "-jar",
              "/usr/lib/netrng-server/netrng-server-app.jar");
      assertThat(
              Helm.V4
                  .template(chart, DEVICE_PLUGIN, "--set=server.resources.limits=null")
                  .pod("server")
                  .at("/spec/containers/0/command")
                  .isMissingNode())
          .isTrue();
    }

    @Test
    void whatOperatorsMayChangeOfAPodIsInThePod() throws Exception {
      Rendering rendering = example("existing-secrets");
      JsonNode spec = rendering.pod("server").at("/spec");
      assertThat(spec.at("/serviceAccountName").asString()).isEqualTo("rng-server");
      assertThat(
              rendering
                  .one("ServiceAccount", "rng-server")
                  .at("/metadata/annotations/example.org~1role")
                  .asString())
          .isEqualTo("reader");
      assertThat(rendering.pod("client").at("/spec/serviceAccountName").asString())
          .isEqualTo("default");
      assertThat(spec.at("/imagePullSecrets/0/name").asString()).isEqualTo("pull");
      assertThat(spec.at("/dnsConfig/options/0/name").asString()).isEqualTo("ndots");
      assertThat(spec.at("/securityContext/seccompProfile/localhostProfile").asString())
          .isEqualTo("netrng.json");
      JsonNode container = spec.at("/containers/0");
      assertThat(container.at("/securityContext/appArmorProfile/type").asString())
          .isEqualTo("RuntimeDefault");
      assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean()).isTrue();
      assertThat(container.at("/env").findValuesAsString("name"))
          .contains("NETRNG_SERVER_HEADROOM");
      assertThat(container.at("/volumeMounts").findValuesAsString("mountPath"))
          .contains("/etc/more");
      assertThat(container.at("/startupProbe/failureThreshold").asInt()).isEqualTo(300);
      assertThat(container.at("/startupProbe/periodSeconds").asInt()).isEqualTo(2);
      JsonNode workload = rendering.one("DaemonSet", "rng-server").at("/spec");
      assertThat(workload.at("/minReadySeconds").asInt()).isEqualTo(10);
      assertThat(workload.at("/revisionHistoryLimit").asInt()).isEqualTo(3);
      assertThat(rendering.objects())
          .allMatch(object ->
              object.at("/metadata/labels/example.org~1cost-centre").asString("").equals("1234"));
    }

    @Test
    void clientsAreNodeAgentsThatRunOnEveryNode() throws Exception {
      JsonNode spec = Helm.V4.template(chart, DEVICE_PLUGIN).pod("client").at("/spec");
      assertThat(spec.at("/priorityClassName").asString()).isEqualTo("system-node-critical");
      assertThat(spec.at("/tolerations").toString()).isEqualTo("[{\"operator\":\"Exists\"}]");
    }

    @Test
    void theServerServiceHasTheLoadBalancersOptions() throws Exception {
      JsonNode spec = example("privileged").one("Service", "netrng-server").at("/spec");
      assertThat(spec.at("/ipFamilyPolicy").asString()).isEqualTo("PreferDualStack");
      assertThat(spec.at("/externalTrafficPolicy").asString()).isEqualTo("Local");
      assertThat(spec.at("/loadBalancerClass").asString()).isEqualTo("example.org/internal");
      assertThat(strings(spec.at("/loadBalancerSourceRanges")))
          .containsExactly("192.0.2.0/24", "2001:db8::/32");
    }

    @Test
    void onlyAServerDeploymentHasAPodDisruptionBudget() throws Exception {
      assertThat(example("privileged").all("PodDisruptionBudget")).hasSize(1);
      assertThat(example("device-plugin").all("PodDisruptionBudget")).isEmpty();
    }

    @Test
    void allowedHostsContainTheServiceNamesAndTheConfiguredServerNames() throws Exception {
      Rendering rendering =
          Helm.V4.template(
              chart,
              DEVICE_PLUGIN,
              "--set=clusterDomain=corp.example,server.allowedHosts={rng.example.org}");
      for (String component : List.of("server", "client")) {
        String service = component.equals("server") ? "netrng-server-headless" : "netrng-client";
        String namespace = rendering.one("Service", service).at("/metadata/namespace").asString();
        String hosts =
            rendering
                .properties(component)
                .getProperty("netrng." + component + ".http.allowed-hosts");
        assertThat(hosts.split(",", -1))
            .contains(
                service,
                service + "." + namespace,
                service + "." + namespace + ".svc",
                service + "." + namespace + ".svc.corp.example");
        assertThat(hosts.contains("rng.example.org")).isEqualTo(component.equals("server"));
      }
    }

    @Test
    void policyAndDenialChangesDoNotRestartTheServerButOtherPropertiesDo() throws Exception {
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
  class ASink {

    private static final String SINK = "netrng.client.sink";
    private static final String CREDIT = "netrng.client.kernel.credit-bits-per-byte";

    @Test
    void clientsRunRngdByDefaultWithTheCapabilityToFeedTheKernel() throws Exception {
      Rendering rendering = Helm.V4.template(chart, DEVICE_PLUGIN);
      assertThat(rendering.properties("client"))
          .containsEntry(SINK, "rngd")
          .doesNotContainKeys(CREDIT, "netrng.client.max-rate");
      assertThat(capabilities(rendering)).containsExactly("SYS_ADMIN");
    }

    @Test
    void clientsOfTheSinkKernelCreditEightBitsAndHaveTheRateOfThisSink() throws Exception {
      Rendering rendering = Helm.V4.template(chart, DEVICE_PLUGIN, "--set=client.sink=kernel");
      assertThat(rendering.properties("client"))
          .containsEntry(SINK, "kernel")
          .containsEntry(CREDIT, "8")
          .doesNotContainKey("netrng.client.max-rate");
      assertThat(capabilities(rendering)).containsExactly("SYS_ADMIN");
    }

    @Test
    void clientsThatCreditNothingHaveNoCapability() throws Exception {
      Rendering rendering = example("kernel");
      assertThat(rendering.properties("client"))
          .containsEntry(SINK, "kernel")
          .containsEntry(CREDIT, "0")
          .containsEntry("netrng.client.kernel.reseed-interval", "10s");
      assertThat(capabilities(rendering)).isEmpty();
      JsonNode security = rendering.pod("client").at("/spec/containers/0/securityContext");
      assertThat(strings(security.at("/capabilities/drop"))).containsExactly("ALL");
      assertThat(security.at("/allowPrivilegeEscalation").asBoolean()).isFalse();
    }

    @Test
    void clientsOfTheSinkKernelHaveTheImageWithoutRngdUnlessAnotherOneIsNamed() throws Exception {
      Rendering rendering = example("kernel");
      assertThat(image(rendering, "client")).startsWith("netrng-client-kernel:");
      assertThat(image(rendering, "test")).isEqualTo(image(rendering, "client"));
      assertThat(image(rendering, "server")).startsWith("netrng-server:");
      assertThat(
              image(
                  Helm.V4.template(
                      chart,
                      DEVICE_PLUGIN,
                      "--set=client.sink=kernel,client.image.repository=netrng-client"),
                  "client"))
          .startsWith("netrng-client:");
    }

    private static Collection<String> capabilities(Rendering rendering) {
      return strings(
          rendering.pod("client").at("/spec/containers/0/securityContext/capabilities/add"));
    }
  }

  @Nested
  class Certificates {

    @Test
    void certManagerCertificatesCoverAllServerNamesAndUseAGivenIssuer() throws Exception {
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
    void theCsiDriverGivesEachServerPodACertificateWithANameOfItsOwn() throws Exception {
      // given
      Rendering shared = Helm.V4.template(chart, DEVICE_PLUGIN, "--set=tls.mode=certManager");
      Rendering own =
          Helm.V4.template(
              chart,
              DEVICE_PLUGIN,
              "--set=tls.mode=certManager,tls.certManager.csiDriver=true"
                  + ",tls.serverNames={rng.example.org,192.0.2.10}");

      // when
      JsonNode csi = tlsVolume(own, "server").path("csi");
      JsonNode attributes = csi.path("volumeAttributes");

      // then
      assertThat(csi.path("driver").asString()).isEqualTo("csi.cert-manager.io");
      List<String> names =
          List.of(attributes.path("csi.cert-manager.io/dns-names").asString().split(","));
      assertThat(names.getFirst()).startsWith("${POD_NAME}.netrng-server-headless.");
      JsonNode certificate = shared.one("Certificate", "netrng-server").at("/spec");
      assertThat(names)
          .containsAll(strings(certificate.at("/dnsNames")))
          .contains("rng.example.org");
      assertThat(attributes.path("csi.cert-manager.io/ip-sans").asString()).isEqualTo("192.0.2.10");
      assertThat(attributes.path("csi.cert-manager.io/issuer-name").asString())
          .isEqualTo(certificate.at("/issuerRef/name").asString());
      assertThat(own.all("Certificate"))
          .extracting(made -> made.at("/metadata/name").asString())
          .containsExactlyInAnyOrder("netrng-ca", "netrng-client");
      assertThat(tlsVolume(own, "client").has("secret")).isTrue();
      assertThat(tlsVolume(shared, "server").has("secret")).isTrue();
    }

    private static JsonNode tlsVolume(Rendering rendering, String component) {
      return rendering
          .pod(component)
          .at("/spec/volumes")
          .valueStream()
          .filter(volume -> volume.path("name").asString().equals("tls"))
          .findFirst()
          .orElseThrow();
    }

    @Test
    void onlyPlaintextModeDisablesTls() throws Exception {
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
  void imagesDefaultToTheChartsVersionAndAreConfigurable() throws Exception {
    String version = metadata().at("/version").asString();
    Rendering plain = Helm.V4.template(chart, DEVICE_PLUGIN);
    assertThat(image(plain, "server")).isEqualTo("netrng-server:" + version);
    assertThat(image(plain, "client")).isEqualTo("netrng-client:" + version);
    Rendering named = example("existing-secrets");
    assertThat(image(named, "server")).isEqualTo("registry.example.org/netrng/netrng-server:1.2.3");
    assertThat(image(named, "test"))
        .isEqualTo(image(named, "client"))
        .startsWith("registry.example.org/netrng/client:1.2.3@sha256:0123");
  }

  private static String image(Rendering rendering, String component) {
    return rendering.pod(component).at("/spec/containers/0/image").asString();
  }

  @Test
  void propertiesAreRenderedWithTheirExactValues() throws Exception {
    assertThat(example("existing-secrets").properties("server"))
        .containsEntry("netrng.server.max-clients", "2000000")
        .containsEntry("netrng.server.clients[0].max-connections", "200")
        .containsEntry("netrng.server.clients[1].name", "db-*");
    assertThat(
            Helm.V3
                .template(
                    chart,
                    DEVICE_PLUGIN,
                    "--set-json=client.config={\"a\":\"\\\\d=\\n: #\",\"b\":true,\"c\":10000000}")
                .properties("client"))
        .containsEntry("a", "\\d=\n: #")
        .containsEntry("b", "true")
        .containsEntry("c", "10000000");
  }

  @Test
  void networkPoliciesAllowOnlyRequiredConnections() throws Exception {
    Rendering rendering = example("device-plugin");
    JsonNode server = rendering.one("NetworkPolicy", "netrng-server").at("/spec");
    assertThat(strings(server.at("/policyTypes"))).containsExactly("Ingress", "Egress");
    assertThat(server.has("egress")).isFalse();
    assertThat(server.at("/ingress/0/from")).hasSize(1);
    assertThat(rendering.selectedBy(server.at("/ingress/0/from/0/podSelector/matchLabels")))
        .containsExactly(rendering.pod("client"));
    JsonNode client = rendering.one("NetworkPolicy", "netrng-client").at("/spec");
    assertThat(client.at("/egress").findValues("port"))
        .extracting(JsonNode::asInt)
        .containsOnly(8989, 53);
    assertThat(rendering.selectedBy(client.at("/egress/0/to/0/podSelector/matchLabels")))
        .containsExactly(rendering.pod("server"));
    assertThat(client.at("/ingress").findValuesAsString("port")).containsExactly("http");
  }

  @Test
  void theChartArchiveIsReproducibleAndHasTheProjectsVersion() throws Exception {
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
