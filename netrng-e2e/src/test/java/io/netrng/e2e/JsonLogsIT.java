// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One Spring property switches the logs of both apps to JSON. */
class JsonLogsIT {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final int STUCK = 64 * 1024;

  @ParameterizedTest
  @CsvSource({"ecs,message,''", "logstash,message,''", "gelf,short_message,_"})
  void everyLogLineIsAJsonObjectWithTheKeysOfItsEvent(
      String format, String message, String prefix, @TempDir Path dir) throws IOException {
    // given a device, and a file that fails the health tests
    Path stuck = Files.write(dir.resolve("stuck"), new byte[STUCK]);
    String structured = "--logging.structured.format.console=" + format;
    try (AppProcess server =
            AppProcess.server(
                structured,
                "--netrng.server.source.devices=%s,%s".formatted(Machine.device(), stuck),
                "--netrng.server.capacity=1MB/s",
                "--netrng.server.denied=web-2");
        AppProcess client =
            AppProcess.client(
                structured,
                "--netrng.client.servers=" + server.address(),
                "--netrng.client.name=web-1");
        AppProcess denied =
            AppProcess.client(
                structured,
                "--netrng.client.servers=" + server.address(),
                "--netrng.client.name=web-2")) {

      // when one client connects and disconnects, the server refuses another, and an rngd is killed
      client.awaitMetric("netrng_rngd_consumed_bytes_total", 1);
      client.awaitRngd().destroyForcibly();
      client.awaitMetric("netrng_rngd_restarts_total", 1);
      denied.awaitLog("stream from server failed");
      client.stop();
      await("the server logs the disconnection")
          .atMost(AppProcess.PATIENCE)
          .until(() -> server.log().contains("client disconnected"));

      // then
      Lines ofServer = new Lines(server, message, prefix);
      Lines ofClient = new Lines(client, message, prefix);
      Lines ofDenied = new Lines(denied, message, prefix);
      assertThat(ofServer.first("source started", "devices").values())
          .extracting(JsonNode::asString)
          .containsExactly(Machine.device(), stuck.toString());
      assertThat(ofServer.first("health test failed", "device").asString())
          .isEqualTo(stuck.toString());
      assertThat(ofServer.first("health test failed", "test").asString()).isNotEmpty();
      assertThat(ofServer.first("health test failed", "state").asString()).isEqualTo("startup");
      assertThat(ofServer.first("client connected", "client").asString()).isEqualTo("web-1");
      assertThat(ofServer.first("client connected", "identity").asString()).isEqualTo("web-1");
      assertThat(ofServer.first("client connected", "session").asString()).matches("\\d+");
      assertThat(ofServer.first("client connected", "guarantee").asLong()).isEqualTo(64);
      assertThat(ofServer.first("client connected", "address").asString()).startsWith("127.0.0.1:");
      assertThat(ofServer.first("client disconnected", "reason").asString()).isEqualTo("bye");
      assertThat(ofServer.first("client disconnected", "delivered").asLong()).isPositive();
      assertThat(ofServer.first("client refused", "reason").asString()).isEqualTo("not-authorised");
      assertThat(ofServer.first("client refused", "detail").asString()).contains("web-2");
      assertThat(ofClient.first("admitted by server", "server").asString())
          .isEqualTo(server.address());
      assertThat(ofClient.first("rngd started", "pid").asLong()).isPositive();
      assertThat(ofClient.first("rngd failed", "reason").asString()).isEqualTo("killed");
      assertThat(ofDenied.first("stream from server failed", "reason").asString())
          .isEqualTo("not-authorised");
    }
  }

  /** The lines of a log, each parsed as JSON. */
  private record Lines(List<JsonNode> all, String message, String prefix) {

    Lines(AppProcess app, String message, String prefix) {
      this(app.log().lines().map(MAPPER::readTree).toList(), message, prefix);
      assertThat(all).isNotEmpty().allMatch(line -> line.path(message).isString());
    }

    /** Returns the value of a key in the first line with this message. */
    JsonNode first(String event, String key) {
      JsonNode line =
          all.stream()
              .filter(each -> each.path(message).asString().equals(event))
              .findFirst()
              .orElseThrow(() -> new AssertionError("no line says " + event));
      assertThat(line.has(prefix + key)).as("%s has %s: %s", event, key, line).isTrue();
      return line.path(prefix + key);
    }
  }
}
