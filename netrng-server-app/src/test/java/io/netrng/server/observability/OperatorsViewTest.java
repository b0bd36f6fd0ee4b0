// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.server.NetrngServerApplication;
import io.netrng.server.session.SessionRegistry;
import io.netrng.server.source.Source;
import io.netrng.testkit.Message;
import io.netrng.testkit.RawClient;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.context.ConfigurableApplicationContext;

/** Requests health, metrics and info over HTTP from outside the server. */
@Tag("slow")
class OperatorsViewTest {

  @TempDir Path directory;

  /** The whole application with these devices. */
  private static final class App implements AutoCloseable {

    private static final Path ADMIN_TOKEN =
        Path.of(System.getProperty("netrng.server.admin.token-file"));

    private final ConfigurableApplicationContext context;

    App(Path devices, String... more) {
      List<String> arguments = new ArrayList<>(List.of(more));
      arguments.addAll(
          List.of(
              "--server.port=0",
              "--netrng.server.port=0",
              "--netrng.server.sample-size=1KB",
              "--netrng.server.source.devices=" + devices));
      context =
          new SpringApplicationBuilder(NetrngServerApplication.class)
              .run(arguments.toArray(String[]::new));
    }

    RawClient connect() throws IOException {
      return new RawClient(address());
    }

    InetSocketAddress address() {
      return new InetSocketAddress(
          InetAddress.getLoopbackAddress(),
          context.getEnvironment().getRequiredProperty("local.netrng.port", Integer.class));
    }

    /**
     * Sends each request on a new connection. Reactor Netty 1.3.7 stops reading on about one in a
     * hundred kept-alive connections (reactor-netty issue 4361).
     */
    HttpResponse<String> get(String path) throws IOException {
      String port = context.getEnvironment().getProperty("local.server.port");
      try (HttpClient http = HttpClient.newHttpClient()) {
        return http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + Files.readString(ADMIN_TOKEN).strip())
                .timeout(Duration.ofSeconds(10))
                .build(),
            HttpResponse.BodyHandlers.ofString());
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    /** Returns the status that systemd receives. */
    String statusLine() {
      return ObservabilityConfiguration.statusLine(
          context.getBean(Source.class), context.getBean(SessionRegistry.class));
    }

    String status(String path) throws IOException {
      HttpResponse<String> response = get(path);
      return response.statusCode() + " " + json(response.body()).get("status");
    }

    @SuppressWarnings("unchecked") // JSON objects are maps.
    Map<String, Object> component(String name) throws IOException {
      Map<String, Object> components =
          (Map<String, Object>) json(get("/actuator/health").body()).get("components");
      return (Map<String, Object>)
          Objects.requireNonNull(Objects.requireNonNull(components).get(name), name);
    }

    double metric(String series) throws IOException {
      return get("/actuator/prometheus")
          .body()
          .lines()
          .filter(line -> line.startsWith(series + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
          .findFirst()
          .orElse(-1);
    }

    private static Map<String, Object> json(String text) {
      return JsonParserFactory.getJsonParser().parseMap(text);
    }

    @Override
    public void close() {
      context.close();
    }
  }

  @Nested
  class HealthyServer {

    @Test
    void reportsUpWithDetailsOfItsSourceAndItsListener() throws Exception {
      try (App app = new App(Path.of("/dev/urandom"))) {
        await("the device is healthy").until(() -> app.status("/actuator/health").equals("200 UP"));
        assertThat(app.component("source"))
            .containsEntry("status", "UP")
            .extractingByKey("details")
            .asString()
            .contains(
                "readyBytes=",
                "capacityBytesPerSecond=",
                "secondsSinceMeasured=",
                "pinned=false",
                "/dev/urandom={state=healthy",
                "readBytes=",
                "bytesPerSecond=");
        assertThat(app.component("listener"))
            .containsEntry("status", "UP")
            .extractingByKey("details")
            .asString()
            .contains("address=127.0.0.1:", "clients=0");
        assertThat(app.status("/actuator/health/readiness")).isEqualTo("200 UP");
        assertThat(app.status("/actuator/health/liveness")).isEqualTo("200 UP");
        assertThat(app.get("/actuator/health/readiness").body())
            .contains("\"source\"", "\"listener\"");
        assertThat(app.get("/actuator/info").body())
            .contains(
                "\"build\"",
                "\"source\":{\"/dev/urandom\":\"healthy\"}",
                "\"capacity\":{\"capacityBytesPerSecond\":",
                "\"pinned\":false");
        assertThat(app.statusLine()).isEqualTo("/dev/urandom healthy; clients: 0");
      }
    }

    @Test
    void countsDeliveriesAndRefusalsAndRemovesTheSeriesOfDisconnectedClients() throws Exception {
      try (App app = new App(Path.of("/dev/urandom"))) {
        await("the device's capacity is measured")
            .until(() ->
                app.metric("netrng_source_capacity_bytes_per_second{device=\"/dev/urandom\"}") > 0);
        try (RawClient one = app.connect();
            RawClient two = app.connect();
            RawClient greedy = app.connect()) {
          // given two sessions with the same label, and a client that is refused
          one.join("web");
          two.join("web");
          one.request(3);
          two.request(2);
          for (int i = 0; i < 3; i++) {
            one.sample();
          }
          for (int i = 0; i < 2; i++) {
            two.sample();
          }
          Message.Close close = greedy.hello(65, "greedy").closed();
          assertThat(close.code()).isEqualTo(3);

          // when, then
          await("all clients are counted")
              .until(() -> app.metric("netrng_delivered_bytes_total") == 5 * 1_024);
          String device = "{device=\"/dev/urandom\"";
          assertThat(app.metric("netrng_client_delivered_bytes_total{client=\"web\"}"))
              .isEqualTo(5 * 1_024);
          assertThat(app.metric("netrng_client_guarantee_bytes_per_second{client=\"web\"}"))
              .isEqualTo(128);
          assertThat(app.metric("netrng_client_attainment_ratio{client=\"web\"}")).isEqualTo(1);
          assertThat(app.metric("netrng_promised_bytes_per_second")).isEqualTo(128);
          assertThat(app.metric("netrng_promisable_bytes_per_second")).isGreaterThan(128);
          assertThat(app.metric("netrng_degraded")).isZero();
          assertThat(app.metric("netrng_demand_wait_seconds_count")).isBetween(2.0, 5.0);
          assertThat(app.metric("netrng_demand_wait_seconds_bucket{le=\"300.0\"}"))
              .isEqualTo(app.metric("netrng_demand_wait_seconds_count"));
          assertThat(app.metric("netrng_clients_left_total{reason=\"kicked\"}")).isZero();
          assertThat(app.metric("netrng_clients_connected")).isEqualTo(2);
          assertThat(app.metric("netrng_clients_refused_total{reason=\"not-authorised\"}"))
              .isEqualTo(1);
          assertThat(app.metric("netrng_clients_refused_total{reason=\"max-clients\"}")).isZero();
          assertThat(app.metric("netrng_source_state" + device + ",state=\"healthy\"}"))
              .isEqualTo(1);
          assertThat(app.metric("netrng_source_state" + device + ",state=\"failed\"}")).isZero();
          assertThat(app.metric("netrng_source_rate_bytes_per_second" + device + "}")).isPositive();
          assertThat(app.metric("netrng_source_capacity_bytes_per_second" + device + "}"))
              .isPositive();

          // when one of them disconnects, its bytes remain
          one.bye();
          await("the session ends").until(() -> app.metric("netrng_clients_connected") == 1);
          assertThat(app.metric("netrng_client_delivered_bytes_total{client=\"web\"}"))
              .isEqualTo(5 * 1_024);
          assertThat(app.metric("netrng_client_guarantee_bytes_per_second{client=\"web\"}"))
              .isEqualTo(64);

          // when the last session ends, the series of the label end
          two.bye();
          await("the series end")
              .until(() -> app.metric("netrng_client_delivered_bytes_total{client=\"web\"}") < 0);
          assertThat(app.metric("netrng_delivered_bytes_total")).isEqualTo(5 * 1_024);
        }
      }
    }

    @Test
    void exportsNoSeriesPerClientWhenTheyAreDisabled() throws Exception {
      try (App app = new App(Path.of("/dev/urandom"), "--netrng.server.metrics.per-client=false")) {
        await("the server is ready for clients")
            .until(() -> app.status("/actuator/health/readiness").equals("200 UP"));
        try (RawClient client = app.connect()) {
          client.join("web");
          await("the client is counted").until(() -> app.metric("netrng_clients_connected") == 1);
          assertThat(app.get("/actuator/prometheus").body()).doesNotContain("client=\"web\"");
          client.bye();
        }
        await("the session ends")
            .until(() -> app.metric("netrng_clients_left_total{reason=\"bye\"}") == 1);
      }
    }

    @Test
    void exportsMinEntropyAndMonobitBiasOfADevice() throws Exception {
      String device = "{device=\"/dev/urandom\"}";
      try (App app = new App(Path.of("/dev/urandom"))) {
        await("the device is healthy").until(() -> app.status("/actuator/health").equals("200 UP"));
        try (RawClient client = app.connect()) {
          // given enough reads of the device
          client.join("reader");
          client.request(4_000);
          for (int i = 0; i < 4_000; i++) {
            client.sample();
          }

          // then
          assertThat(app.metric("netrng_source_min_entropy_per_byte" + device)).isBetween(6.0, 8.0);
          assertThat(app.metric("netrng_source_monobit_bias_ratio" + device))
              .isBetween(-0.05, 0.05);
        }
      }
    }

    @Test
    void reportsThePinnedCapacity() throws Exception {
      try (App app = new App(Path.of("/dev/urandom"), "--netrng.server.capacity=64KB/s")) {
        await("the device is healthy")
            .until(() ->
                app.metric("netrng_source_capacity_bytes_per_second{device=\"/dev/urandom\"}")
                    == 65_536);
        assertThat(app.component("source"))
            .extractingByKey("details")
            .asString()
            .contains("capacityBytesPerSecond=65536", "secondsSinceMeasured=0", "pinned=true");
      }
    }

    @Test
    void exportsTheEffectsOfItsResourceLimitsAsMetrics() throws Exception {
      try (App app =
          new App(
              Path.of("/dev/urandom"),
              "--netrng.server.limits.hello-timeout=1s",
              "--netrng.server.limits.write-buffer=16KB",
              "--netrng.server.limits.accept-rate=3")) {
        await("the server is ready for clients")
            .until(() -> app.status("/actuator/health/readiness").equals("200 UP"));
        try (RawClient stalled = RawClient.withSmallBuffer(app.address());
            RawClient silent = app.connect();
            RawClient half = app.connect().raw("00000008 01 01")) {
          // given a client that does not read, and two that send no complete HELLO
          stalled.join("stalled");
          stalled.request(100_000);
          await("both connections are pending")
              .until(() -> app.metric("netrng_connections_pending") == 2);
          for (RawClient client : List.of(silent, half)) {
            assertThat(client.closed().code()).isEqualTo(7);
          }

          // when more clients connect than the limit per second permits, and send malformed frames
          for (int i = 0; i < 6; i++) {
            try (RawClient broken = app.connect()) {
              assertThat(broken.raw("00000000").closed().code()).isEqualTo(7);
            }
          }

          // then
          assertThat(app.metric("netrng_hellos_timed_out_total")).isEqualTo(2);
          assertThat(app.metric("netrng_protocol_errors_total")).isEqualTo(8);
          String paused = "netrng_accept_paused_seconds_total";
          assertThat(app.metric(paused + "{reason=\"rate\"}")).isPositive();
          assertThat(app.metric(paused + "{reason=\"failure\"}")).isZero();
          assertThat(app.metric("netrng_handshakes_failed_total{reason=\"timeout\"}")).isZero();
          await("the client's write buffer is full")
              .until(() -> app.metric("netrng_write_buffer_bytes") >= 12 * 1_024);
          assertThat(app.metric("netrng_write_buffer_fullest_bytes"))
              .isBetween(12.0 * 1_024, 16.0 * 1_024);
          stalled.raw("00000000");
          await("the client's protocol error is counted too")
              .until(() -> app.metric("netrng_protocol_errors_total") == 9);
        }
        await("the connections and write buffers are released")
            .until(() ->
                app.metric("netrng_connections_pending") == 0
                    && app.metric("netrng_write_buffer_bytes") == 0);
      }
    }

    @Test
    void exportsAHelpTextForEachMetric() throws Exception {
      try (App app = new App(Path.of("/dev/urandom"))) {
        String metrics = app.get("/actuator/prometheus").body();
        assertThat(
                metrics
                    .lines()
                    .filter(line -> line.startsWith("# TYPE netrng_"))
                    .map(line -> line.split(" ", -1)[2]))
            .isNotEmpty()
            .allSatisfy(name -> assertThat(metrics).contains("# HELP " + name + " "));
      }
    }
  }

  @Nested
  class ServerWithAnExhaustedFile {

    @Test
    void reportsDownAndNotReadyButLiveWhenItsFileIsExhausted() throws Exception {
      // given
      Path file = Files.write(directory.resolve("file"), new byte[100]);
      try (App app = new App(file)) {
        // when
        await("the file is exhausted")
            .until(() -> app.status("/actuator/health").equals("503 DOWN"));

        // then
        assertThat(app.component("source"))
            .containsEntry("status", "DOWN")
            .extractingByKey("details")
            .asString()
            .contains("state=exhausted", "reason=was read to its end", "readBytes=100");
        assertThat(app.component("listener")).containsEntry("status", "UP");
        assertThat(app.status("/actuator/health/readiness")).isEqualTo("503 DOWN");
        assertThat(app.status("/actuator/health/liveness")).isEqualTo("200 UP");
        assertThat(app.metric("netrng_source_state{device=\"" + file + "\",state=\"exhausted\"}"))
            .isEqualTo(1);
      }
    }
  }

  @Nested
  class ServerWithAStuckDevice {

    private final Random random = new Random(1);
    private volatile boolean stuck;

    private void write(Path fifo) {
      try (OutputStream writer = Files.newOutputStream(fifo)) {
        byte[] bytes = new byte[4 * 1_024];
        while (true) {
          random.nextBytes(bytes);
          if (stuck) {
            Arrays.fill(bytes, (byte) 0x55);
          }
          writer.write(bytes);
        }
      } catch (IOException e) {
        // the server has closed the FIFO
      }
    }

    @Test
    void closesSessionsAndReportsDownWhileADeviceIsStuckAndThenRecovers() throws Exception {
      // given a client with unlimited demand
      Path fifo = directory.resolve("fifo");
      assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
      Thread.ofPlatform().daemon().start(() -> write(fifo));
      String state = "netrng_source_state{device=\"" + fifo + "\",state=\"healthy\"}";
      try (App app = new App(fifo, "--netrng.server.capacity=64KB/s")) {
        await("the device is healthy").until(() -> app.metric(state) == 1);
        try (RawClient client = app.connect()) {
          client.join("greedy");
          client.request(1_000_000);

          // when
          stuck = true;

          // then
          Message message = client.read();
          while (message instanceof Message.Sample) {
            message = client.read();
          }
          assertThat(message)
              .isInstanceOfSatisfying(
                  Message.Close.class, close -> assertThat(close.code()).isEqualTo(4));
        }
        assertThat(app.status("/actuator/health")).isEqualTo("503 DOWN");
        assertThat(app.component("source"))
            .extractingByKey("details")
            .asString()
            .contains("reason=failed its start-up test: re", "start-up=");
        assertThat(app.metric(state)).isZero();
        assertThat(
                app.metric(
                    "netrng_health_test_failures_total{device=\"" + fifo + "\",test=\"start-up\"}"))
            .isPositive();
        try (RawClient late = app.connect()) {
          assertThat(late.hello(0, "late").closed().code()).isEqualTo(4);
        }

        // when
        stuck = false;

        // then
        await("the server is healthy again")
            .atMost(Duration.ofMinutes(1))
            .until(() -> app.status("/actuator/health").equals("200 UP"));
        try (RawClient late = app.connect()) {
          late.join("late");
          late.request(1);
          late.sample();
        }
      }
    }
  }
}
