package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the chart renders starts both apps, and entropy flows between them by TLS to the kernel. */
class HelmStartsAppsIT {

  private static final String[] VALUES = {
    "--set=server.device.mode=devicePlugin",
    "--set=server.device.paths={" + Machine.device() + "}",
    "--set=server.clients[0].name=netrng-client,server.clients[0].guarantee=96B/s",
    // Escaped and written out, these are what they were.
    "--set=server.config.netrng\\.server\\.max-clients=2000000",
    "--set-string=server.config.spring\\.application\\.name=back\\\\slash"
  };

  @TempDir static Path directory;

  private static Path chart;
  private static Rendering rendering;
  @AutoClose private static Node node;

  @BeforeAll
  static void start() throws Exception {
    chart = Helm.pack();
    rendering = Helm.V4.template(chart, VALUES);
    node = Node.start(rendering, directory);
    for (String app : List.of("server", "client")) {
      await(app + " starts")
          .atMost(AppProcess.PATIENCE)
          .untilAsserted(() -> assertThat(node.log(app)).contains("Started Netrng"));
    }
  }

  @Test
  void theReleasesOwnTestFindsBothReady() {
    await("entropy flows")
        .atMost(AppProcess.PATIENCE)
        .ignoreException(IOException.class)
        .untilAsserted(() ->
            assertThat(node.run(rendering.pod("test")))
                .contains(
                    "netrng-server-headless.entropy.svc at 127.0.0.1 is ready",
                    "netrng-client.entropy.svc at 127.0.0.1 is ready"));
  }

  @Test
  void theClientIsKnownByItsCertificateAndItsNode() throws Exception {
    String token = Rendering.data(rendering.one("Secret", "netrng-admin")).get("token");
    await("the client is let in")
        .atMost(AppProcess.PATIENCE)
        .ignoreException(IOException.class)
        .untilAsserted(() -> {
          JsonNode client = clients(token).get(0);
          assertThat(client.at("/identity").asString()).isEqualTo("netrng-client");
          assertThat(client.at("/label").asString()).isEqualTo(Node.NAME);
          assertThat(client.at("/guarantee").asInt()).isEqualTo(96);
        });
    assertThat(node.log("server")).contains("TLS with client certificates");
    for (String app : List.of("server", "client")) {
      assertThat(node.log(app))
          .doesNotContain("nobody knows", "others than its owner", "labels are taken on trust");
    }
  }

  private static JsonNode clients(String token) throws Exception {
    return JsonMapper.shared()
        .readTree(
            node.run(
                List.of(
                    "curl",
                    "--silent",
                    "--fail",
                    "--header",
                    "Authorization: Bearer " + token,
                    "http://127.0.0.1:8080/api/v1/clients")))
        .get("clients");
  }

  @Test
  void whatIsReplacedWhereItIsMountedIsTakenWithoutARestart() throws Exception {
    // when an upgrade brings new certificates of a new authority, and other policies
    node.mount(
        Helm.V4.template(
            chart, "--set=server.clients[1].name=db-*", VALUES[0], VALUES[1], VALUES[2]));

    // then
    for (String app : List.of("server", "client")) {
      await(app + " uses them")
          .atMost(AppProcess.PATIENCE)
          .untilAsserted(
              () -> assertThat(node.log(app)).contains("new connections use new certificates"));
    }
    await("the server follows them")
        .atMost(AppProcess.PATIENCE)
        .untilAsserted(() -> assertThat(node.log("server")).contains("new policies hold"));
  }
}
