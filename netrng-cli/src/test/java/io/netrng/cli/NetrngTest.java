// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The commands against answers as the server gives them. */
class NetrngTest {

  private static final String WEB_1 =
      """
      {"id":"17","label":"web-1","identity":"web-1","address":"192.0.2.21:4711",
       "since":"2026-11-22T19:23:19Z","guarantee":64,"ceiling":4096,"state":"served","rate":4096.0,"rate10s":4096.0,"rate5m":2048.0,
       "delivered":1582080,"demand":0,"attainment":1.0,"shortfall":0.0}\
      """;

  private static final String TWO_CLIENTS =
      "{\"total\":2,\"page\":0,\"size\":2,\"clients\":["
          + WEB_1
          + ","
          + WEB_1.replace("17", "18").replace("\"web-1\",\"id", "\"db\",\"id")
          + "]}";

  @TempDir private Path dir;

  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final Map<String, Integer> statuses = new ConcurrentHashMap<>();
  private final List<String> requests = new ArrayList<>();
  private HttpServer http;
  private Path token;

  @BeforeEach
  void startServer() throws IOException {
    token = Files.writeString(dir.resolve("token"), "secret\n");
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::answer);
    http.start();
  }

  @AfterEach
  void stopServer() {
    http.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    synchronized (requests) {
      requests.add((request + " " + body).strip());
    }
    boolean isOpen = request.contains("/actuator/");
    boolean isKnown =
        "Bearer secret".equals(exchange.getRequestHeaders().getFirst("Authorization"));
    byte[] answer = answers.getOrDefault(request, "{}").getBytes(StandardCharsets.UTF_8);
    int status = isOpen || isKnown ? statuses.getOrDefault(request, 200) : 401;
    exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private record Result(int exitCode, String out, String err) {}

  private Result run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine =
        Netrng.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exitCode = commandLine.execute(arguments);
    return new Result(exitCode, out.toString(), err.toString());
  }

  private String url() {
    return "http://127.0.0.1:" + http.getAddress().getPort();
  }

  /** Runs a command that asks the server. */
  private Result ask(String... arguments) {
    return run(
        Stream.concat(Stream.of(arguments), Stream.of("--url=" + url(), "--token-file=" + token))
            .toArray(String[]::new));
  }

  @Test
  void clientsAreATableWithAlignedColumns() {
    answers.put("GET /api/v1/clients?sort=identity&size=10000", TWO_CLIENTS);
    Result result = ask("clients");
    assertThat(result.exitCode()).isZero();
    assertThat(result.out())
        .isEqualTo(
            """
            CLIENT      STATE   ADDRESS          GUARANTEE  CEILING   RATE      ATTAINED  DELIVERED
            web-1       served  192.0.2.21:4711     64 B/s  4.0 KB/s  4.0 KB/s     100 %     1.5 MB
            web-1 (db)  served  192.0.2.21:4711     64 B/s  4.0 KB/s  4.0 KB/s     100 %     1.5 MB
            """);
  }

  @Test
  void clientsAsJsonAreTheAnswerOfTheApi() {
    answers.put("GET /api/v1/clients?sort=identity&size=10000", TWO_CLIENTS);
    assertThat(ask("clients", "--json").out()).startsWith("[").contains("\"rate10s\" : 4096.0");
  }

  @Test
  void anEmptyListSaysWhereRefusalsAre() {
    answers.put("GET /api/v1/clients?sort=identity&size=10000", "{\"clients\":[]}");
    assertThat(ask("clients").out()).contains("No client is connected.", "netrng events");
  }

  @Test
  void sourcesShowGuaranteesAndADegradedState() {
    answers.put(
        "GET /api/v1/sources",
        """
        {"capacity":100.0,"promisable":90.0,"promised":128,"degraded":true,"sources":[{"device":"/dev/hwrng",
         "state":"healthy","rate":100.0,"capacityAge":1,"read":2048,"silence":0,
         "testFailures":{"repetition-count":1,"adaptive-proportion":2},
         "warnings":[{"kind":"virtio-rng","text":"its driver is virtio_rng.0"}]}]}\
        """);
    assertThat(ask("sources").out())
        .contains("/dev/hwrng  healthy  100 B/s  unknown", " 3 ", "none")
        .contains("Warning: /dev/hwrng: its driver is virtio_rng.0.\n")
        .contains("Guaranteed: 128 B/s of 90 B/s; capacity 100 B/s; DEGRADED");
  }

  @Test
  void eventsAreOneLineEach() {
    answers.put(
        "GET /api/v1/events?follow=false",
        """
        id:9
        event:refused
        data:{"at":"2026-11-22T19:26:26Z","type":"refused","address":"192.0.2.9:1","reason":"capacity: 64B/s more"}

        id:10
        event:kicked
        data:{"at":"2026-11-22T19:26:27Z","type":"kicked","client":"a","identity":"b","address":"192.0.2.9:2","reason":"kicked"}

        """);
    assertThat(ask("events").out())
        .isEqualTo(
            """
            2026-11-22T19:26:26Z  refused       192.0.2.9:1  capacity: 64B/s more
            2026-11-22T19:26:27Z  kicked        b (a)  192.0.2.9:2  kicked
            """);
  }

  @ParameterizedTest
  @CsvSource({
    "5m, DELETE /api/v1/clients/17?hold-off=PT5M",
    "1d, DELETE /api/v1/clients/17?hold-off=PT24H"
  })
  void kickForATimeHoldsTheIdentityOnce(String time, String request) {
    answers.put("GET /api/v1/clients?size=10000", TWO_CLIENTS);
    Result result = ask("kick", "web-1", "--for", time);
    assertThat(result.err()).isEmpty();
    assertThat(result.exitCode()).isZero();
    assertThat(requests).contains(request);
    assertThat(requests.stream().filter(r -> r.startsWith("DELETE"))).hasSize(1);
  }

  @Test
  void kickOfAnUnknownNameFails() {
    answers.put("GET /api/v1/clients?size=10000", TWO_CLIENTS);
    Result result = ask("kick", "web-9");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err())
        .isEqualTo("No client 'web-9' is connected: 'netrng clients' lists them.\n");
  }

  @Test
  void ratesAreSentInBytesPerSecond() {
    answers.put("GET /api/v1/clients?size=10000", "{\"clients\":[" + WEB_1 + "]}");
    answers.put("PATCH /api/v1/clients/17", WEB_1);
    Result result = ask("rates", "web-1", "--guarantee", "4KB/s", "--ceiling=0B/s");
    assertThat(result.out()).isEqualTo("web-1: guarantee 64 B/s, ceiling 4.0 KB/s\n");
    assertThat(requests).contains("PATCH /api/v1/clients/17 {\"guarantee\":4096,\"ceiling\":0}");
  }

  @Test
  void aRefusalOfTheServerIsItsSentence() {
    answers.put("GET /api/v1/clients?size=10000", "{\"clients\":[" + WEB_1 + "]}");
    answers.put("PATCH /api/v1/clients/17", "{\"detail\":\"1B/s more would exceed the capacity\"}");
    statuses.put("PATCH /api/v1/clients/17", 409);
    Result result = ask("rates", "web-1", "--guarantee", "4KB/s");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).isEqualTo("1B/s more would exceed the capacity\n");
  }

  @Test
  void wrongArgumentsExitWithTwoAndNameTheFix() {
    assertThat(ask("rates", "web-1"))
        .satisfies(result -> {
          assertThat(result.exitCode()).isEqualTo(2);
          assertThat(result.err()).contains("Give --guarantee or --ceiling");
        });
    assertThat(ask("rates", "web-1", "--guarantee", "4 bananas").err())
        .contains("'4 bananas' is not a rate; write it like 64B/s");
    assertThat(run().exitCode()).isEqualTo(2);
  }

  @Test
  void aHoldIsListedAndLifted() {
    answers.put(
        "GET /api/v1/holds",
        "[{\"id\":\"5\",\"identity\":\"web-1\",\"label\":\"web-1\",\"until\":\"2026-11-22T19:31:26Z\"}]");
    assertThat(ask("hold").out()).contains("web-1   2026-11-22T19:31:26Z   5");
    assertThat(ask("hold", "--lift", "web-1").out()).isEqualTo("web-1 may connect again.\n");
    assertThat(requests).contains("DELETE /api/v1/holds/5");
  }

  @Test
  void aCaptureIsANewFileForItsOwnerAlone() throws IOException {
    answers.put("POST /api/v1/captures?size=1MB&of=released&device=", "0123456789");
    Path file = dir.resolve("bytes");
    assertThat(ask("capture", file.toString()).out()).contains("10 bytes written to");
    assertThat(file).hasContent("0123456789");
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    assertThat(ask("capture", file.toString()).err()).contains("exists: name a new file");
  }

  @Test
  void aRawCaptureNamesItsDevice() {
    answers.put("POST /api/v1/captures?size=2MB&of=raw&device=%2Fdev%2FttyACM0", "0123");
    Path file = dir.resolve("bytes");
    assertThat(
            ask("capture", file.toString(), "--size=2MB", "--raw", "--device=/dev/ttyACM0").out())
        .contains("4 bytes written to");
  }

  @Test
  void aCaptureThatIsRefusedLeavesNoFile() {
    answers.put(
        "POST /api/v1/captures?size=9&of=released&device=",
        "{\"detail\":\"one capture at a time\"}");
    statuses.put("POST /api/v1/captures?size=9&of=released&device=", 409);
    Path file = dir.resolve("bytes");
    assertThat(ask("capture", file.toString(), "--size=9").err())
        .isEqualTo("one capture at a time\n");
    assertThat(file).doesNotExist();
  }

  @Test
  void aTokenThatTheServerDoesNotAcceptNamesItsFile() throws IOException {
    Files.writeString(token, "other");
    assertThat(ask("clients").err()).contains("refuses the token of " + token);
  }

  @Test
  void aTokenThatCannotBeReadNamesTheFix() {
    Result result = run("clients", "--token-file=" + dir.resolve("none"));
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("none cannot be read", "run this as root", "--token-file");
  }

  @Test
  void aServerThatDoesNotAnswerNamesTheFix() {
    http.stop(0);
    assertThat(ask("clients").err()).contains("No server answers at " + url(), "--url");
  }

  @ParameterizedTest
  @CsvSource({"UP, 0, OK", "DEGRADED, 1, WARNING", "DOWN, 2, CRITICAL", "UNKNOWN, 3, UNKNOWN"})
  void statusHasTheExitCodesOfNagios(String status, int exitCode, String level) {
    answers.put(
        "GET /actuator/health",
        """
        {"status":"%1$s","components":{"livenessState":{"status":"UP"},
         "source":{"status":"%1$s","details":{"/dev/hwrng":{"reason":"read error"}}}}}\
        """
            .formatted(status));
    Result result = run("status", "server", "--url=" + url());
    assertThat(result.exitCode()).isEqualTo(exitCode);
    assertThat(result.out())
        .isEqualTo(
            "NETRNG %s - server %s\n"
                .formatted(
                    level,
                    status.equals("UP") ? "up" : "source " + status + " (/dev/hwrng read error)"));
  }

  @ParameterizedTest
  @CsvSource({"29, WARNING - server a certificate expires in 29 days, 1", "31, OK - server up, 0"})
  void statusWarnsOfACertificateThatExpiresWithin30Days(int days, String line, int exitCode) {
    answers.put("GET /actuator/health", "{\"status\":\"UP\"}");
    answers.put(
        "GET /actuator/prometheus",
        """
        # TYPE ssl_chain_expiry_seconds gauge
        ssl_chain_expiry_seconds{bundle="netrng",certificate="1",chain="ssl",source="truststore"} 3.0E8
        ssl_chain_expiry_seconds{bundle="netrng",certificate="2",chain="ssl",source="keystore"} %s
        """
            .formatted((days * 86_400 + 60) * 1.0));
    Result result = run("status", "server", "--url=" + url());
    assertThat(result.out()).isEqualTo("NETRNG " + line + "\n");
    assertThat(result.exitCode()).isEqualTo(exitCode);
  }

  @Test
  void statusReadsPortsFromTheConfigurationAndTakesTheWorst() throws IOException {
    answers.put("GET /actuator/health", "{\"status\":\"UP\"}");
    Files.writeString(
        dir.resolve("server.properties"), "server.port=" + http.getAddress().getPort() + "\n");
    Files.writeString(dir.resolve("client.properties"), "server.port=1\n");
    Result result = run("status", "--config-dir=" + dir);
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.out())
        .isEqualTo("NETRNG CRITICAL - server up; client nothing answers at http://127.0.0.1:1\n");
  }

  @Test
  void statusOfAnUnknownAppIsUnknown() {
    assertThat(run("status", "router").exitCode()).isEqualTo(3);
  }

  @Test
  void versionIsTheProjects() {
    assertThat(run("version").out()).matches("netrng [0-9]+\\.[0-9].*\n");
  }
}
