// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The chart rejects values that cannot work on a cluster. */
class HelmRefusalsIT {

  private static final String DEVICE_PLUGIN = "--set=server.device.mode=devicePlugin";

  private static Path chart;

  @BeforeAll
  static void pack() throws Exception {
    chart = Helm.pack();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "client.enabled=true|server.device.mode is not set: choose devicePlugin .* privileged .* hostService",
        "server.device.mode=hostService|set server.hostService.addresses or server.hostService.hostName",
        "server.device.mode=hostService,server.hostService.addresses={192.0.2.1},server.hostService.hostName=a|exclude each other",
        "server.device.mode=hostService,server.hostService.hostName=a,client.enabled=false|leaves nothing to install",
        "server.device.mode=hostService,server.hostService.hostName=a,client.discovery=true|client.discovery uses the Service of this release's servers",
        "server.device.mode=hostService,server.hostService.hostName=a,server.denied={b}|has no server to configure",
        "server.device.mode=privileged,server.hostService.hostName=a|no effect with privileged",
        "server.device.mode=devicePlugin,client.hostUsers=false|client.hostUsers=false cannot work",
        "server.device.mode=devicePlugin,client.sink=file|client.sink",
        "server.device.mode=devicePlugin,client.kernel.creditBitsPerByte=0|is for client.sink=kernel and has no effect with rngd",
        "server.device.mode=devicePlugin,client.sink=kernel,client.kernel.creditBitsPerByte=9|client.kernel.creditBitsPerByte",
        "server.device.mode=devicePlugin,client.config.netrng\\.client\\.sink=kernel|client.config.netrng.client.sink cannot be set: the chart sets it to rngd from its other values",
        "server.device.mode=devicePlugin,client.sink=kernel,client.config.netrng\\.client\\.kernel\\.credit-bits-per-byte=0|credit-bits-per-byte cannot be set: the chart sets it to 8",
        "server.device.mode=devicePlugin,tls.mode=existingSecret|in tls.existingSecret.server",
        "server.device.mode=devicePlugin,tls.certManager.csiDriver=true|tls.certManager.csiDriver is for server pods with tls.mode=certManager",
        "server.device.mode=devicePlugin,client.config.netrng\\.client\\.combine\\.servers=2|share one certificate and count as one server",
        "server.device.mode=devicePlugin,tls.mode=existingSecret,tls.existingSecret.server=a,tls.existingSecret.client=b,client.config.netrng\\.client\\.combine\\.servers=3|combine.servers=3, but .* share one certificate",
        "server.device.mode=devicePlugin,server.config.netrng\\.server\\.port=1|server.config.netrng.server.port cannot be set",
        "server.device.mode=devicePlugin,client.config.server\\.address=a|client.config.server.address cannot be set",
        "server.device.mode=usb|server.device.mode|value must be one of",
        "server.device.mode=devicePlugin,server.replica=3|replica",
        "server.device.mode=hostService,server.hostService.hostName=a,server.entropyApi.enabled=true|has no server to configure",
        "server.device.mode=devicePlugin,server.egd.listen[0].port=8991|networkPolicy.egdClients is empty",
        "server.device.mode=devicePlugin,server.entropyApi.enabled=true|networkPolicy.entropyApiClients is empty",
        "server.device.mode=devicePlugin,networkPolicy.enabled=false,server.egd.listen[0].port=8080|have the same port",
        "server.device.mode=devicePlugin,networkPolicy.enabled=false,server.entropyApi.enabled=true,server.egd.listen[0].port=8990|have the same port",
        "server.device.mode=devicePlugin,server.entropyApi.existingTokenSecret=a|no effect without the entropy API",
        "server.device.mode=devicePlugin,server.egd.listen[0].mode=qemu|port",
        "server.device.mode=devicePlugin,server.entropyApi.tokens.a=b|tokens",
        "server.device.mode=devicePlugin,networkPolicy.enabled=false,server.entropyApi.enabled=true,server.config.netrng\\.server\\.entropy-api\\.port=1|server.config.netrng.server.entropy-api.port cannot be set",
        "server.device.mode=devicePlugin,server.maxUnavailable=0|maxUnavailable",
        "server.device.mode=devicePlugin,server.hostService.port=70000|port",
        "server.device.mode=devicePlugin,server.clients[0].name=a,server.clients[0].guarantee=1KiB|guarantee",
        "server.device.mode=devicePlugin,monitoring.prometheusRule.runbookBaseUrl=docs|runbookBaseUrl",
        "server.device.mode=devicePlugin,fullnameOverride=My_Name|fullnameOverride",
        "server.device.mode=devicePlugin,nameOverride=-a|nameOverride",
        "server.device.mode=devicePlugin,commonLabels.team=a b|team",
        "server.device.mode=devicePlugin,commonLabels.app\\.kubernetes\\.io/name=a|app.kubernetes.io/name",
        "server.device.mode=devicePlugin,client.podLabels.-a=b|podLabels",
        "server.device.mode=devicePlugin,server.nodeSelector.a=b c|nodeSelector",
        "server.device.mode=devicePlugin,server.podAnnotations.a b=c|podAnnotations",
        "server.device.mode=devicePlugin,client.priorityClassName=High|priorityClassName",
        "server.device.mode=devicePlugin,client.securityContext.privileged=true|privileged",
        "server.device.mode=devicePlugin,server.podSecurityContext.runAsUser=1000|runAsUser",
        "server.device.mode=privileged,server.kind=Deployment,server.affinity.podAntiAffinity.a=b|would share one RNG",
      })
  void rejectsInvalidValuesWithASpecificError(String values, String sentence) {
    for (Helm helm : Helm.values()) {
      assertThatThrownBy(() -> helm.template(chart, "--set=" + values))
          .isInstanceOf(IOException.class)
          .message()
          .containsPattern(sentence);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tls.mode=certManager,tls.certManager.csiDriver=true",
        "tls.mode=plaintext",
        "client.extraEnv[0].name=NETRNG_CLIENT_SERVERS,client.extraEnv[0].value=a:1\\,b:1",
        "client.configSecrets={servers}"
      })
  void acceptsThatClientsCombineServersThatTheyCanTellApart(String values) throws Exception {
    for (Helm helm : Helm.values()) {
      helm.template(
          chart,
          DEVICE_PLUGIN,
          "--set=client.config.netrng\\.client\\.combine\\.servers=2",
          "--set=" + values);
    }
  }

  @Test
  void rejectsAReleaseNameThatNoServiceMayHave() {
    for (Helm helm : Helm.values()) {
      assertThatThrownBy(() -> helm.run("template", "1a", chart.toString(), DEVICE_PLUGIN))
          .hasMessageContaining("begins with a digit");
    }
  }

  @Test
  void rejectsAKubernetesVersionBelowTheMinimum() {
    assertThatThrownBy(() -> Helm.V4.template(chart, DEVICE_PLUGIN, "--kube-version=1.29.0"))
        .hasMessageContaining(">=1.30.0-0");
  }

  @Test
  void theFieldCheckRejectsAFieldUnknownToTheKubernetesApi() throws Exception {
    JsonNode workload = Helm.V4.template(chart, DEVICE_PLUGIN).one("DaemonSet", "netrng-client");
    KubernetesApi.requireKnownFields(workload);
    ((ObjectNode) workload.at("/spec/template/spec/containers/0/securityContext"))
        .put("readOnlyRoot", true);
    assertThatThrownBy(() -> KubernetesApi.requireKnownFields(workload))
        .hasMessageContaining("readOnlyRoot");
  }
}
