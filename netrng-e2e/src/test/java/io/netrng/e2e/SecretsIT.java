// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Log lines contain no secrets, even if io.netrng logs at the level TRACE. */
class SecretsIT {

  private static final int MARKED = 256 * 1024;
  private static final String TRACE = "--logging.level.io.netrng=trace";
  private static final String WRONG_TOKEN = "thisIsNoTokenOfThisServerAtAll0123456789";

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void traceLogsContainNoAdminTokenPrivateKeyOrEntropy(@TempDir Path dir) throws Exception {
    // given
    Path certificates = dir.resolve("certs");
    Certificates.make(certificates, "127.0.0.1", "web-1");
    Path fifo = dir.resolve("fifo");
    byte[] marked = new byte[MARKED];
    new Random(11).nextBytes(marked);
    try (KnownDevice _ = new KnownDevice(fifo, marked);
        AppProcess server =
            AppProcess.server(
                Certificates.bundle(
                    certificates,
                    "server",
                    TRACE,
                    "--netrng.server.tls.bundle=netrng",
                    "--netrng.server.capacity=1MB/s",
                    "--netrng.server.source.devices=" + fifo));
        AppProcess client =
            AppProcess.client(
                Certificates.bundle(
                    certificates,
                    "web-1",
                    TRACE,
                    "--netrng.client.tls.bundle=netrng",
                    "--netrng.client.max-rate=unlimited",
                    "--netrng.client.servers=" + server.address()))) {
      client.awaitMetric("netrng_rngd_consumed_bytes_total", MARKED / 2.0);

      // when administrators authenticate in every way, and one of them performs an action
      String token = AppProcess.adminToken();
      assertThat(login(server, WRONG_TOKEN).headers().firstValue("Location"))
          .hasValue("/login?wrong");
      assertThat(login(server, token).headers().firstValue("Location")).hasValue("/");
      assertThat(send(request(server, "/api/v1/clients", WRONG_TOKEN)).statusCode()).isEqualTo(401);
      String id =
          JsonMapper.builder()
              .build()
              .readTree(server.get("/api/v1/clients").body())
              .at("/clients/0/id")
              .asString();
      assertThat(send(request(server, "/api/v1/clients/" + id, token).DELETE()).statusCode())
          .isEqualTo(204);
      client.awaitLog("reason=\"kicked\"");

      // then the log contains these events
      assertThat(server.log())
          .contains("administrator logged in", "wrong admin token")
          .contains("administrator acted act=\"kick\"");
      assertThat(client.log()).contains("DEBUG", " sample epoch=");
      // and no secrets
      KnownText entropy = new KnownText(marked);
      for (AppProcess app : List.of(server, client)) {
        String log = app.log();
        assertThat(log).doesNotContain(token, WRONG_TOKEN);
        assertThat(log).doesNotContain(base64(token), base64("admin:" + token));
        for (String key : List.of("ca.key", "server.key", "web-1.key")) {
          for (String line : Files.readAllLines(certificates.resolve(key))) {
            assertThat(log).doesNotContain(line);
          }
        }
        assertThat(entropy.in(Files.readAllBytes(app.logFile()))).isZero();
      }
    }
  }

  @Test
  void theLogSearchFindsBytesInBinaryHexAndBase64() {
    // given
    byte[] marked = new byte[1_000];
    new Random(12).nextBytes(marked);
    byte[] head = new byte[8];
    System.arraycopy(marked, 101, head, 0, head.length);
    KnownText known = new KnownText(marked);

    // when, then
    assertThat(known.in(head)).isPositive();
    String hex = HexFormat.of().formatHex(head);
    assertThat(known.in(bytes("read a" + hex + ", of"))).isPositive();
    assertThat(known.in(bytes(HexFormat.ofDelimiter(":").withUpperCase().formatHex(head))))
        .isPositive();
    assertThat(known.in(bytes("x" + Base64.getEncoder().encodeToString(head)))).isPositive();
    assertThat(known.in(bytes(Base64.getUrlEncoder().encodeToString(head)))).isPositive();
    assertThat(known.in(bytes("2026-05-02T09:14:03.211+02:00 INFO client connected"))).isZero();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String base64(String text) {
    return Base64.getEncoder().withoutPadding().encodeToString(bytes(text));
  }

  private static HttpRequest.Builder request(AppProcess server, String path, String token) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:%d%s".formatted(server.httpPort(), path)))
        .timeout(AppProcess.PATIENCE)
        .header("Authorization", "Bearer " + token);
  }

  private HttpResponse<String> login(AppProcess server, String token) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/login".formatted(server.httpPort())))
            .timeout(AppProcess.PATIENCE)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("username=admin&password=" + token)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
