// SPDX-License-Identifier: Apache-2.0
package io.netrng.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.netrng.startup.InvalidPropertyException;
import io.netrng.startup.StartupException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.NestedExceptionUtils;

@Tag("slow")
@ExtendWith(OutputCaptureExtension.class)
class NetrngClientApplicationTest {

  @TempDir Path directory;

  private Path rngd;

  @BeforeEach
  void anRngdThatTakesWhatItIsFed() throws IOException {
    rngd = directory.resolve("rngd");
    Files.writeString(
        rngd,
        "#!/bin/sh\n[ \"$1\" = --help ] && { echo ' --no-drng'; exit; }\nexec cat > /dev/null\n");
    Files.setPosixFilePermissions(rngd, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private ConfigurableApplicationContext run(String property, String value) {
    Map<String, String> properties = new HashMap<>();
    properties.put("server.port", "0");
    properties.put("netrng.client.servers", "127.0.0.1:1");
    properties.put("netrng.client.rngd.command", rngd.toString());
    properties.put(property, value);
    return SpringApplication.run(
        NetrngClientApplication.class,
        properties.entrySet().stream()
            .map(entry -> "--" + entry.getKey() + "=" + entry.getValue())
            .toArray(String[]::new));
  }

  @Nested
  class Running {

    private HttpResponse<String> get(ConfigurableApplicationContext context, String path)
        throws IOException, InterruptedException {
      String port = context.getEnvironment().getRequiredProperty("local.server.port");
      try (HttpClient http = HttpClient.newHttpClient()) {
        return http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator" + path))
                .build(),
            HttpResponse.BodyHandlers.ofString());
      }
    }

    @Test
    void exposesHealthInfoAndMetricsAndLeavesNoProcessOnClose() throws Exception {
      try (ConfigurableApplicationContext context = run("netrng.client.name", "tester")) {
        await("rngd runs").until(() -> get(context, "/health/rngd").statusCode() == 200);
        await("health reports the reason of the stream")
            .until(() -> get(context, "/health/stream").body().contains("unreachable"));
        assertThat(get(context, "/health/stream").statusCode()).isEqualTo(503);
        assertThat(get(context, "/health/kernel").body()).contains("rngd has taken no entropy yet");
        assertThat(get(context, "/health/liveness").statusCode()).isEqualTo(200);
        assertThat(get(context, "/health/readiness").body())
            .contains("\"kernel\"", "\"rngd\"", "\"readinessState\"")
            .doesNotContain("\"stream\"");
        assertThat(get(context, "/info").body()).contains("\"family\":\"rng-tools 4 or 5\"");
        assertThat(get(context, "/prometheus").body())
            .contains("# HELP netrng_received_bytes_total ")
            .contains("\nnetrng_received_bytes_total 0.0")
            .contains("\nnetrng_rngd_fed_bytes_total 0.0")
            .contains("\nnetrng_rngd_consumed_bytes_total 0.0")
            .contains("\nnetrng_rngd_restarts_total 0.0")
            .contains("\nnetrng_rngd_failures_total{reason=\"stalled\"} 0.0")
            .contains("\nnetrng_rngd_fips_failures_total 0.0")
            .contains("\nnetrng_kernel_taken_timestamp_seconds 0.0")
            .contains("\nnetrng_kernel_idle_limit_seconds 60.0")
            .contains("\nnetrng_rngd_up 1.0")
            .contains("\nnetrng_server_state{server=\"127.0.0.1:1\",state=\"streaming\"} 0.0")
            .contains("\nnetrng_server_state{server=\"127.0.0.1:1\",state=\"waiting\"} ")
            .contains("\nnetrng_stream_failbacks_total 0.0")
            .contains("\nnetrng_stream_failures_total{reason=\"starved\"} 0.0")
            .contains("\nnetrng_stream_failures_total{reason=\"capacity\"} 0.0")
            .contains("\nnetrng_stream_up 0.0")
            .contains("\nnetrng_audit_lost_records_total 0.0");
      }
      assertThat(ProcessHandle.current().children()).isEmpty();
    }
  }

  @Nested
  class ServingHttp {

    private String answer(ConfigurableApplicationContext context, String host) throws IOException {
      int port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        String request = "GET /actuator/health/liveness HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      }
    }

    @Test
    void rejectsHttpRequestsForAHostThatIsNotAllowed() throws Exception {
      try (ConfigurableApplicationContext context =
          run("netrng.client.http.allowed-hosts", "web-1.example.org")) {
        assertThat(answer(context, "evil.example"))
            .startsWith("HTTP/1.1 421 ")
            .contains("application/problem+json", "netrng.client.http.allowed-hosts");
        assertThat(answer(context, "web-1.example.org:8081")).startsWith("HTTP/1.1 200 ");
        assertThat(answer(context, "127.0.0.1:8081")).startsWith("HTTP/1.1 200 ");
      }
    }

    @Test
    void closesAnHttpConnectionWithoutARequestAfterTheIdleTimeout() throws Exception {
      try (ConfigurableApplicationContext context = run("server.netty.idle-timeout", "200ms")) {
        int port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
        try (Socket idle = new Socket(InetAddress.getLoopbackAddress(), port)) {
          idle.setSoTimeout(10_000);
          assertThat(idle.getInputStream().read()).isEqualTo(-1);
        }
      }
    }
  }

  @Nested
  class InvalidConfiguration {

    private Throwable cause(String property, String value) {
      return NestedExceptionUtils.getMostSpecificCause(catchThrowable(() -> run(property, value)));
    }

    @Test
    void aMissingRngdStopsTheStartWithAnErrorAndARemedyWithoutStackTrace(CapturedOutput output) {
      assertThat(cause("netrng.client.rngd.command", "no-such-rngd"))
          .isInstanceOf(StartupException.class);
      assertThat(output)
          .contains("No program 'no-such-rngd' is found.")
          .contains("apt-get install rng-tools5")
          .doesNotContain("\tat ");
    }

    @Test
    void anInvalidClientNameStopsTheStartWithAnErrorWithoutStackTrace(CapturedOutput output) {
      assertThat(cause("netrng.client.name", "a b")).isInstanceOf(InvalidPropertyException.class);
      assertThat(output)
          .contains("netrng.client.name = a b is not possible: use 1 to 64 of the characters")
          .doesNotContain("\tat ");
    }

    @Test
    void anAuditFileThatCannotBeOpenedStopsTheStartWithAnErrorWithoutStackTrace(
        CapturedOutput output) {
      assertThat(cause("netrng.client.audit.file", "/proc/none/audit.log"))
          .isInstanceOf(StartupException.class);
      assertThat(output)
          .contains(
              "netrng.client.audit.file = /proc/none/audit.log cannot be opened: no such directory.")
          .contains("Name a file in a directory that the app's user can write to")
          .doesNotContain("\tat ");
    }

    @Test
    void anInvalidServerAddressStopsTheStartWithAnErrorWithoutStackTrace(CapturedOutput output) {
      assertThat(cause("netrng.client.servers", "nowhere"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(output)
          .contains("netrng.client.servers")
          .contains("'nowhere' is not host:port")
          .doesNotContain("\tat ");
    }
  }
}
