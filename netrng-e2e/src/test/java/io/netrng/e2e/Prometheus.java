// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Prometheus process on a free port of loopback, until it is closed. */
final class Prometheus implements AutoCloseable {

  private static final Pattern LISTENING = Pattern.compile("\"Listening on\" address=(\\S+)");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Process process;
  private final Path log;
  private final String address;

  private Prometheus(Process process, Path log) {
    this.process = process;
    this.log = log;
    address = address();
  }

  /**
   * Starts Prometheus.
   *
   * @param directory for its data and its log
   */
  static Prometheus start(Path configuration, Path directory) throws IOException {
    Path log = directory.resolve("prometheus.log");
    return new Prometheus(
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + directory.resolve("prometheus"),
                "--web.listen-address=127.0.0.1:0")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start(),
        log);
  }

  private String address() {
    return await("Prometheus listens")
        .atMost(AppProcess.PATIENCE)
        .failFast("Prometheus exited", () -> assertThat(process.isAlive()).as(read()).isTrue())
        .until(() -> LISTENING.matcher(read()), Matcher::find)
        .group(1);
  }

  private String read() throws IOException {
    return Files.readString(log);
  }

  /** Returns the response of its API, which must be a success. */
  JsonNode get(String path) {
    URI uri = URI.create("http://" + address + "/api/v1/" + path);
    try {
      String body =
          HTTP.send(
                  HttpRequest.newBuilder(uri).timeout(AppProcess.PATIENCE).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      JsonNode answer = JsonMapper.shared().readTree(body);
      assertThat(answer.path("status").asString()).as("%s: %s", path, body).isEqualTo("success");
      return answer.get("data");
    } catch (IOException e) {
      throw new AssertionError(path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Returns the current result of a query, one element per series. */
  JsonNode query(String query) {
    return get("query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8)).get("result");
  }

  @Override
  public void close() {
    process.destroy();
    assertThat(process.onExit()).as("Prometheus exits").succeedsWithin(AppProcess.PATIENCE);
  }
}
