// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.NetrngServerApplication;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Requests to the whole server over HTTP, without a token and as an administrator. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpSecurityTest {

  private final HttpClient http = HttpClient.newHttpClient();
  private ConfigurableApplicationContext app;
  private Path tokenFile;

  @BeforeAll
  void start(@TempDir Path directory) {
    tokenFile = directory.resolve("token");
    app =
        new SpringApplicationBuilder(NetrngServerApplication.class)
            .run(
                "--server.port=0",
                "--netrng.server.port=0",
                "--netrng.server.source.devices=/dev/urandom",
                "--netrng.server.http.allowed-hosts=rng.example.org",
                "--netrng.server.admin.token-file=" + tokenFile);
  }

  @AfterAll
  void stop() {
    app.close();
  }

  private HttpRequest.Builder request(String path) {
    String port = app.getEnvironment().getProperty("local.server.port");
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private String token() throws IOException {
    return Files.readString(tokenFile).strip();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/actuator/health",
        "/actuator/health/readiness",
        "/actuator/health/liveness",
        "/actuator/prometheus"
      })
  void healthAndMetricsRequireNoToken(String path) throws Exception {
    assertThat(send(request(path)).statusCode()).isIn(200, 503);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/clients",
        "/api",
        "/v3/api-docs",
        "/index.html",
        "/js/page.js",
        "/webjars/swagger-ui/index.html",
        "/actuator",
        "/actuator/info",
        "/actuator/heapdump",
        "/actuator/prometheus/x",
        "/none"
      })
  void allPathsExceptHealthMetricsAndTheLoginRequireAToken(String path) throws Exception {
    HttpResponse<String> answer = send(request(path).header("Accept", "text/html"));
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"NetRNG\"");
    assertThat(answer.headers().firstValue("Location")).isEmpty();
    assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.body()).contains("netrng.server.admin.token-file").doesNotContain(token());
  }

  @Test
  void redirectsABrowserWithoutASessionToTheLoginForm() throws Exception {
    HttpResponse<String> answer = send(request("/").header("Accept", "text/html"));
    assertThat(answer.statusCode()).isEqualTo(303);
    assertThat(answer.headers().firstValue("Location")).hasValue("/login");
    HttpResponse<String> form = send(request("/login"));
    assertThat(form.statusCode()).isEqualTo(200);
    assertThat(form.body()).contains("<form", "name=\"password\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/page.css", "/login.js", "/favicon.svg"})
  void filesOfTheLoginFormRequireNoToken(String path) throws Exception {
    assertThat(send(request("/login")).body()).contains('"' + path + '"');
    assertThat(send(request(path)).statusCode()).isEqualTo(200);
  }

  private HttpResponse<String> logIn(String candidate) throws Exception {
    String password = URLEncoder.encode(candidate, StandardCharsets.UTF_8);
    return send(
        request("/login")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("password=" + password)));
  }

  /** Returns the name and value of a cookie that a response sets. */
  private static String cookie(HttpResponse<String> answer, String name) {
    return answer.headers().allValues("Set-Cookie").stream()
        .filter(cookie -> cookie.startsWith(name + "="))
        .map(cookie -> cookie.substring(0, cookie.indexOf(';')))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aLoginWithTheTokenCreatesASessionThatRequiresACsrfTokenForActions() throws Exception {
    // when
    HttpResponse<String> login = logIn(token());

    // then
    assertThat(login.headers().firstValue("Location")).hasValue("/");
    assertThat(login.headers().firstValue("Set-Cookie").orElseThrow())
        .contains("HTTPOnly", "SameSite=Strict");
    String session = cookie(login, "SESSION");
    HttpResponse<String> page = send(request("/").header("Cookie", session));
    assertThat(page.statusCode()).isEqualTo(200);

    // when a request has the page's headers, and when it could be of another site
    String csrf = cookie(page, "XSRF-TOKEN");
    HttpRequest.Builder own =
        request("/none")
            .DELETE()
            .header("Cookie", session + "; " + csrf)
            .header("X-XSRF-TOKEN", csrf.substring(csrf.indexOf('=') + 1));
    HttpRequest.Builder foreign = request("/none").DELETE().header("Cookie", session + "; " + csrf);

    // then
    assertThat(send(own).statusCode()).isEqualTo(404);
    assertThat(send(foreign).statusCode()).isEqualTo(403);
  }

  @Test
  void aLoginWithAWrongTokenCreatesNoSession() throws Exception {
    HttpResponse<String> login = logIn("wrong");
    assertThat(login.headers().firstValue("Location")).hasValue("/login?wrong");
    assertThat(login.headers().firstValue("Set-Cookie")).isEmpty();
  }

  @Test
  void actionsRequireAToken() throws Exception {
    assertThat(send(request("/api/v1/clients/1").DELETE()).statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer wrong", "Bearer ", "Bearer", "Basic YWRtaW46YWRtaW4="})
  void rejectsAWrongTokenInTheAuthorizationHeader(String authorization) throws Exception {
    HttpRequest.Builder wrong = request("/actuator/info").header("Authorization", authorization);
    assertThat(send(wrong).statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer ", "bearer "})
  void acceptsTheTokenWithTheBearerSchemeInAnyCase(String scheme) throws Exception {
    HttpRequest.Builder right = request("/actuator/info").header("Authorization", scheme + token());
    assertThat(send(right).statusCode()).isEqualTo(200);
  }

  @Test
  void actionsWithTheBearerTokenRequireNoCsrfToken() throws Exception {
    HttpRequest.Builder act =
        request("/none").DELETE().header("Authorization", "Bearer " + token());
    assertThat(send(act).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"heapdump", "env", "threaddump", "configprops", "shutdown", "loggers"})
  void sensitiveActuatorEndpointsAreNotExposedEvenWithTheToken(String endpoint) throws Exception {
    HttpRequest.Builder right =
        request("/actuator/" + endpoint).header("Authorization", "Bearer " + token());
    assertThat(send(right).statusCode()).isEqualTo(404);
  }

  @Test
  void responsesForbidFramingContentSniffingAndCaching() throws Exception {
    HttpResponse<String> answer = send(request("/actuator/health"));
    assertThat(answer.headers().map())
        .containsKeys("X-Content-Type-Options", "X-Frame-Options", "Cache-Control");
  }

  /** Returns the status of the response to a request with exactly these headers. */
  private int status(String path, String... headers) throws IOException {
    int port = app.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    String request = "GET " + path + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (answer.startsWith("HTTP/1.1 421 ")) {
        assertThat(answer)
            .contains("application/problem+json", "netrng.server.http.allowed-hosts")
            .doesNotContain("Set-Cookie");
      }
      return Integer.parseInt(answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/login",
        "/page.css",
        "/actuator/health/liveness",
        "/actuator/prometheus",
        "/api/v1/clients",
        "/none"
      })
  void rejectsAHostThatIsNotAllowed(String path) throws Exception {
    String token = "Authorization: Bearer " + token();
    assertThat(status(path, "Host: evil.example:8080", token)).isEqualTo(421);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "192.0.2.7:8080",
        "[::1]:8080",
        "localhost:8080",
        "rng.localhost",
        "rng.example.org:8080"
      })
  void acceptsHostsThatAreAddressesLoopbackNamesOrConfiguredNames(String host) throws Exception {
    assertThat(status("/actuator/health/liveness", "Host: " + host)).isEqualTo(200);
  }

  @Test
  void forwardedHeadersDoNotChangeTheHost() throws Exception {
    assertThat(
            status(
                "/actuator/health/liveness",
                "Host: evil.example",
                "X-Forwarded-Host: localhost",
                "Forwarded: host=localhost"))
        .isEqualTo(421);
  }

  @Test
  void rejectsARequestWithoutAHostOrWithTwo() throws Exception {
    assertThat(status("/actuator/health/liveness", "Accept: */*")).isIn(400, 421);
    assertThat(status("/actuator/health/liveness", "Host: localhost", "Host: evil.example"))
        .isIn(400, 421);
  }
}
