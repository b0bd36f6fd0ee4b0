// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.bench.Installed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command netrng, as packages install it, with a real server and client. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NetrngCommandIT {

  @TempDir private static Path dir;

  private static AppProcess server;
  private static AppProcess client;

  private record Answer(int exitCode, String output) {}

  @BeforeAll
  static void start() throws IOException {
    server =
        AppProcess.server(
            "--netrng.server.source.devices=" + Machine.device(),
            "--netrng.server.capacity=1MB/s",
            "--netrng.server.audit.file=" + dir.resolve("server.log"));
    client =
        AppProcess.client(
            "--netrng.client.servers=" + server.address(),
            "--netrng.client.name=web-1",
            "--netrng.client.audit.file=" + dir.resolve("client.log"));
    client.awaitMetric("netrng_rngd_consumed_bytes_total", 1);
    Files.writeString(dir.resolve("token"), AppProcess.adminToken());
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  private static Answer netrng(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("timeout", "60", Installed.netrng("netrng-server").toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Answer(process.waitFor(), output);
  }

  /** Runs a command that asks the server, which must succeed. */
  private static String ask(String... arguments) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--url=http://127.0.0.1:" + server.httpPort());
    all.add("--token-file=" + dir.resolve("token"));
    Answer answer = netrng(all.toArray(String[]::new));
    assertThat(answer.exitCode()).as(answer.output()).isZero();
    return answer.output();
  }

  @Test
  @Order(1)
  void statusOfHealthyAppsIsOk() throws Exception {
    assertThat(netrng("status", "server", "--url=http://127.0.0.1:" + server.httpPort()))
        .isEqualTo(new Answer(0, "NETRNG OK - server up\n"));
    assertThat(netrng("status", "client", "--url=http://127.0.0.1:" + client.httpPort()))
        .isEqualTo(new Answer(0, "NETRNG OK - client up\n"));
  }

  @Test
  @Order(2)
  void clientsSourcesAndEventsShowWhatTheServerDoes() throws Exception {
    assertThat(ask("clients")).containsPattern("(?m)^web-1 +\\w+ +127.0.0.1:\\d+ +64 B/s +none ");
    assertThat(ask("sources")).contains(Machine.device(), "healthy", "Guaranteed: 64 B/s of ");
    assertThat(ask("events")).containsPattern("connected +web-1 +127.0.0.1");
  }

  @Test
  @Order(3)
  void changedRatesAreTheClients() throws Exception {
    assertThat(ask("rates", "web-1", "--guarantee=2KB/s", "--ceiling=8KB/s"))
        .isEqualTo("web-1: guarantee 2.0 KB/s, ceiling 8.0 KB/s\n");
    JsonNode clients = JsonMapper.shared().readTree(ask("clients", "--json"));
    assertThat(clients.path(0).path("guarantee").asLong()).isEqualTo(2048);
  }

  @Test
  @Order(4)
  void aCaptureHasTheSizeThatWasAsked() throws Exception {
    Path file = dir.resolve("bytes");
    ask("capture", file.toString(), "--size=4KB");
    assertThat(file).hasSize(4096);
  }

  @Test
  @Order(5)
  void aKickedClientIsHeldUntilTheHoldIsLifted() throws Exception {
    ask("kick", "web-1", "--for=1h");
    assertThat(ask("hold")).contains("web-1");
    assertThat(ask("events")).containsPattern("kicked +web-1");
    assertThat(netrng("status", "client", "--url=http://127.0.0.1:" + client.httpPort()))
        .satisfies(answer -> assertThat(answer.output()).contains("stream DOWN"));
    ask("hold", "--lift=web-1");
    assertThat(ask("hold")).doesNotContain("web-1");
  }

  @Test
  @Order(6)
  void checkConfigRunsTheInstalledServer() throws Exception {
    // given
    Path config =
        Files.writeString(
            dir.resolve("server.properties"),
            "netrng.server.source.devices=%s\nnetrng.server.admin.token-file=%s\n"
                .formatted(Machine.device(), dir.resolve("new-token")));

    // then
    assertThat(netrng("check-config", "server", "--config=" + config))
        .isEqualTo(new Answer(0, config + " is valid.\n"));
    assertThat(dir.resolve("new-token")).doesNotExist();

    // and when
    Files.writeString(config, "netrng.server.sample-size=1MB\nnetrng.server.sampel-size=1KB\n");

    // then
    assertThat(netrng("check-config", "server", "--config=" + config))
        .satisfies(answer -> {
          assertThat(answer.exitCode()).isEqualTo(1);
          assertThat(answer.output())
              .startsWith("netrng.server.sample-size = 1048576B is not possible");
        });
  }

  @Test
  @Order(7)
  void theAuditLogsHaveNoOverlapUntilARecordIsRepeatedInAnotherSession() throws Exception {
    // given logs of what the client received and of the capture
    String serverLog = dir.resolve("server.log").toString();
    String clientLog = dir.resolve("client.log").toString();
    await("both logs are written")
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThat(netrng("audit", clientLog, serverLog).output())
                .contains("Captured: 4.0 KB")
                .containsPattern("(?m)^delivered +web-1 ")
                .containsPattern("(?m)^received +" + server.address() + " "));

    // then
    Answer sound = netrng("audit", clientLog, serverLog);
    assertThat(sound.exitCode()).as(sound.output()).isZero();
    assertThat(sound.output()).contains("Lost records: 0.", "\nNo overlap: ");

    // and when
    String first = Files.readAllLines(dir.resolve("server.log")).getFirst();
    Path repeated =
        Files.writeString(
            dir.resolve("repeated.log"),
            first.replaceFirst("\"session\":\"\\d+\"", "\"session\":\"1\"") + "\n");
    Answer overlap = netrng("audit", repeated.toString(), clientLog, serverLog);

    // then
    assertThat(overlap.exitCode()).as(overlap.output()).isEqualTo(1);
    assertThat(overlap.output()).contains(repeated + ":1 (", serverLog + ":1 (", "\nOVERLAP: ");
  }

  @Test
  @Order(8)
  void completionIsAScriptForBash() throws Exception {
    String completion =
        Installed.netrng("netrng-server").resolveSibling("cli/completion").toString();
    assertThat(Machine.run(List.of("bash", "-ec", "source " + completion + "; complete -p netrng")))
        .contains("netrng");
  }
}
