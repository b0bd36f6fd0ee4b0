// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A rendering of the chart starts both apps, and the server streams entropy over TLS to the client
 * and its kernel.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HelmStartsAppsIT {

  private static final List<String> APPS = List.of("server", "client");
  private static final String PAGE = "docs/kubernetes.md";
  private static final String[] VALUES = {
    "--set=server.device.mode=devicePlugin",
    "--set=server.device.paths={" + Machine.device() + "}",
    "--set=server.clients[0].name=netrng-client,server.clients[0].guarantee=96B/s",
    "--set=server.config.netrng\\.server\\.max-clients=2000000,server.configSecrets={server-secrets}",
    "--set=networkPolicy.enabled=false,server.egd.listen[0].port=8991",
    "--set=server.entropyApi.enabled=true,server.entropyApi.existingTokenSecret=entropy-tokens"
  };

  @TempDir static Path directory;

  private static Path chart;
  private static Rendering rendering;
  @AutoClose private static Node node;

  @BeforeAll
  static void start() throws Exception {
    chart = Helm.pack();
    rendering =
        Helm.V4
            .template(chart, VALUES)
            .and(documented("config secret"))
            .and(documented("token secret"));
    node = Node.start(rendering, directory);
    for (String app : APPS) {
      awaitLog(app, "Started Netrng");
    }
  }

  /** Returns the objects that kubectl creates with the documented commands. */
  private static Rendering documented(String example) throws Exception {
    String script = Blocks.tested(example, PAGE).replace("certs/", directory + "/certs/");
    return Rendering.of(
        Machine.run(
            List.of(
                "bash",
                "-euc",
                """
                cd ..
                kubectl() {
                  netrng-e2e/%s "$@" --dry-run=client --output yaml
                  echo ---
                }
                """
                        .formatted(Helm.V4.kubectl())
                    + script
                        .replace("make certs", "make --silent certs >/dev/null")
                        .replace("DIR=certs", "DIR=" + directory + "/certs"))));
  }

  /** Before the upgrade below, whose certificate does not have the names of these Services. */
  @Test
  @Order(1)
  void guestsAndHttpClientsDrawEntropyFromTheirServices() {
    // 32 bytes, and then an unknown command, which ends the connection
    awaitOutput(
        """
        printf '\\002\\040\\377' |
        openssl s_client -quiet -verify_quiet -verify_return_error \
          -verify_hostname netrng-server-egd.entropy.svc \
          -connect netrng-server-egd.entropy.svc:8991 \
          -CAfile $TLS/ca.crt -cert $TLS/tls.crt -key $TLS/tls.key | wc -c
        """,
        "32\n");
    String token = Rendering.data(rendering.one("Secret", "entropy-tokens")).get("web-1");
    for (String proof :
        List.of(
            "--header 'Authorization: Bearer " + token + "'",
            "--cert $TLS/tls.crt --key $TLS/tls.key")) {
      awaitOutput(
          "curl --silent --fail --cacert $TLS/ca.crt "
              + proof
              + " 'https://netrng-server-api.entropy.svc:8990/v1/random?bytes=48' | wc -c",
          "48\n");
    }
  }

  /** Runs a script with the certificate of the client in $TLS until it has this output. */
  private static void awaitOutput(String script, String output) {
    String tls = "TLS=%s/client-run-secrets-netrng-tls\n".formatted(directory);
    await("the output is " + output)
        .atMost(AppProcess.PATIENCE)
        .ignoreException(IOException.class)
        .untilAsserted(() ->
            assertThat(node.run(List.of("bash", "-euo", "pipefail", "-c", tls + script)))
                .isEqualTo(output));
  }

  @Test
  void certificatesAndPoliciesApplyAtInstallAndAtUpgradeWithoutARestart() throws Exception {
    // given
    JsonNode client = awaitClient("", 96);
    assertThat(client.at("/identity").asString()).isEqualTo("netrng-client");
    assertThat(client.at("/label").asString()).isEqualTo(Node.NAME);
    assertThat(node.log("server")).contains("TLS with client certificates", "sample-size=\"1024\"");
    for (String app : APPS) {
      assertThat(node.log(app))
          .doesNotContain("unknown property", "by other users", "labels are not verified");
    }

    // when an upgrade replaces the authority of the certificates and removes the client's policy
    node.mount(
        Helm.V4
            .template(
                chart,
                "--set=server.device.mode=devicePlugin,server.clients[0].name=db-*",
                "--set=tls.mode=existingSecret,tls.existingSecret.server=server-tls",
                "--set=tls.existingSecret.client=client-tls")
            .and(documented("existing secrets")));
    for (String app : APPS) {
      awaitLog(app, "new certificates apply to new connections");
    }
    awaitLog("server", "new policies apply");
    String id = client.at("/id").asString();

    // then the connected client has the default guarantee
    assertThat(awaitClient("", 64).at("/id").asString()).isEqualTo(id);

    // and when
    curl("--request", "DELETE", "http://127.0.0.1:8080/api/v1/clients/" + id + "?hold-off=PT1S");

    // then it reconnects
    awaitClient(id, 64);
  }

  @Test
  void aClientThatCreditsNothingFeedsTheKernelWithoutACapability(@TempDir Path other)
      throws Exception {
    Rendering kernel =
        Helm.V4.template(
            chart,
            "--values=../charts/netrng/ci/kernel-values.yaml",
            "--set=server.device.paths={" + Machine.device() + "}");
    try (Node second = Node.start(kernel, other)) {
      await("the kernel takes entropy")
          .atMost(AppProcess.PATIENCE)
          .ignoreException(IOException.class)
          .untilAsserted(() ->
              assertThat(
                      second.run(
                          List.of("curl", "--silent", "http://127.0.0.1:8081/actuator/health")))
                  .contains("\"creditBitsPerByte\":0", "\"status\":\"UP\"")
                  .doesNotContain("DOWN", "OUT_OF_SERVICE", "rngd"));
      assertThat(second.log("client"))
          .contains("no CAP_SYS_ADMIN", "feeding the kernel", "reseed-interval-ms=\"10000\"")
          .doesNotContain("unknown property");
    }
  }

  /** Returns the only admitted client, once its ID differs from this one. */
  private static JsonNode awaitClient(String notThis, int guarantee) {
    return await("the server admits the client")
        .atMost(AppProcess.PATIENCE)
        .ignoreException(IOException.class)
        .until(
            () -> JsonMapper.shared().readTree(curl("http://127.0.0.1:8080/api/v1/clients")),
            clients ->
                clients.at("/clients/0/guarantee").asInt() == guarantee
                    && !clients.at("/clients/0/id").asString().equals(notThis))
        .at("/clients/0");
  }

  private static void awaitLog(String app, String text) {
    await(app + "'s log contains: " + text)
        .atMost(AppProcess.PATIENCE)
        .untilAsserted(() -> assertThat(node.log(app)).contains(text));
  }

  private static String curl(String... arguments) throws IOException, InterruptedException {
    String token = Rendering.data(rendering.one("Secret", "netrng-admin")).get("token");
    List<String> command = new ArrayList<>(List.of("curl", "--silent", "--fail"));
    command.addAll(List.of("--header", "Authorization: Bearer " + token));
    command.addAll(List.of(arguments));
    return node.run(command);
  }
}
