// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import io.netrng.server.NetrngServerApplication;
import io.netrng.server.session.StreamServer;
import io.netrng.testkit.RawClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts the whole server, and sends HTTP requests while clients are connected. */
@Tag("slow")
@ExtendWith(OutputCaptureExtension.class)
class CaptureControllerTest {

  private static final int SIZE = 1_024;

  @TempDir Path directory;

  /** The whole application with these devices. */
  private static final class App implements AutoCloseable {

    private static final Path ADMIN_TOKEN =
        Path.of(System.getProperty("netrng.server.admin.token-file"));

    private final ConfigurableApplicationContext context;
    private final HttpClient http = HttpClient.newHttpClient();

    App(Path device, String... more) {
      List<String> arguments = new ArrayList<>(List.of(more));
      arguments.addAll(
          List.of(
              "--server.port=0",
              "--netrng.server.port=0",
              "--netrng.server.sample-size=" + SIZE + "B",
              "--netrng.server.source.devices=" + device));
      context =
          new SpringApplicationBuilder(NetrngServerApplication.class)
              .run(arguments.toArray(String[]::new));
    }

    /** Starts an application and waits until its devices have passed their tests. */
    static App ready(Path device, String... more) {
      App app = new App(device, more);
      await("the device is healthy").until(() -> app.metric("netrng_source_state", "healthy") == 1);
      return app;
    }

    RawClient connect() throws IOException {
      return new RawClient(
          Objects.requireNonNull(context.getBean(StreamServer.class).address(), "not listening"));
    }

    HttpRequest.Builder request(String path) throws IOException {
      String port = context.getEnvironment().getProperty("local.server.port");
      return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
          .header("Authorization", "Bearer " + Files.readString(ADMIN_TOKEN).strip())
          .timeout(Duration.ofSeconds(30));
    }

    private HttpRequest capture(String query) throws IOException {
      return request("/api/v1/captures" + query).POST(HttpRequest.BodyPublishers.noBody()).build();
    }

    byte[] capture(Path device, String size) throws Exception {
      HttpRequest raw = capture("?of=raw&size=%s&device=%s".formatted(size, device));
      return http.send(raw, HttpResponse.BodyHandlers.ofByteArray()).body();
    }

    HttpResponse<byte[]> draw(String size) throws Exception {
      return http.send(capture("?size=" + size), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Sends a request and returns the response without reading its body. */
    HttpResponse<InputStream> begin(String size) throws Exception {
      return http.send(capture("?size=" + size), HttpResponse.BodyHandlers.ofInputStream());
    }

    String refusal(String query) throws Exception {
      HttpResponse<String> response =
          http.send(capture(query), HttpResponse.BodyHandlers.ofString());
      assertThat(response.headers().firstValue("Content-Type"))
          .hasValue("application/problem+json");
      assertThat(response.headers().firstValue("Content-Disposition")).isEmpty();
      return response.statusCode() + " " + response.body();
    }

    /** Returns the first series of a metric whose tags contain a text. */
    double metric(String name, String tag) throws Exception {
      return http.send(
              request("/actuator/prometheus").build(), HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith(name) && line.contains(tag))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .findFirst()
          .orElse(-1);
    }

    double captured() throws Exception {
      return metric("netrng_captured_bytes_total", "");
    }

    @Override
    public void close() {
      http.close();
      context.close();
    }
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(directory.resolve("file"), content);
  }

  /** Waits for the log event, because the response can be complete before it. */
  private static void awaitEnd(CapturedOutput output) {
    await("the server logs the end of the capture")
        .until(() -> output.toString().contains("capture ended"));
  }

  @Nested
  class CaptureResponses {

    @Test
    void eachCaptureStartsAtANewSampleAndKeepsTheByteOrderOfTheDevice() throws Exception {
      // given a device with known bytes
      byte[] content = random(256 * SIZE);
      try (App app = App.ready(file(content), "--netrng.server.capacity=1MB/s")) {
        // when
        HttpResponse<byte[]> first = app.draw("100KB");
        HttpResponse<byte[]> second = app.draw("1500B");
        HttpResponse<byte[]> third = app.draw("1B");

        // then each capture begins with a new sample
        assertThat(first.body()).isEqualTo(Arrays.copyOf(content, 100 * SIZE));
        assertThat(second.body())
            .isEqualTo(Arrays.copyOfRange(content, 100 * SIZE, 100 * SIZE + 1_500));
        assertThat(third.body()).containsExactly(content[102 * SIZE]);
        assertThat(app.captured()).isEqualTo(100 * SIZE + 1_500 + 1);
      }
    }

    @Test
    void aRawCaptureHasTheNextBytesOfTheDeviceAndNoClientReceivesThem(CapturedOutput output)
        throws Exception {
      // given a device with known bytes, of which the first 8 are in the ready buffer
      byte[] content = random(256 * SIZE);
      Path device = file(content);
      try (App app = App.ready(device, "--netrng.server.capacity=1MB/s")) {
        // when
        byte[] raw = app.capture(device, "3000B");
        byte[] released = app.draw("50KB").body();

        // then each byte is in one of them
        assertThat(raw).hasSize(3_000);
        int from = released.length;
        while (content[from] != raw[0] || content[from + 1] != raw[1]) {
          from -= SIZE;
        }
        assertThat(raw).isEqualTo(Arrays.copyOfRange(content, from, from + 3_000));
        assertThat(Arrays.copyOf(released, from)).isEqualTo(Arrays.copyOf(content, from));
        assertThat(Arrays.copyOfRange(released, from, released.length))
            .isEqualTo(Arrays.copyOfRange(content, from + 3 * SIZE, released.length + 3 * SIZE));
        await("the server logs the end of the capture")
            .until(() -> output.toString().contains("bytes=\"3000\" device=\"" + device));
      }
    }

    @Test
    void sendsABinaryAttachmentThatMustNotBeCached() throws Exception {
      try (App app = App.ready(Path.of("/dev/urandom"))) {
        HttpResponse<byte[]> response = app.draw("10KB");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(10 * SIZE);
        assertThat(response.headers().firstValue("Content-Type"))
            .hasValue("application/octet-stream");
        assertThat(response.headers().allValues("Cache-Control")).containsExactly("no-store");
        assertThat(response.headers().firstValue("Content-Disposition"))
            .hasValue("attachment; filename=\"netrng-capture.bin\"");
      }
    }

    @Test
    void aCaptureAndAClientNeverReceiveTheSameBytes(CapturedOutput output) throws Exception {
      // A client with a small guarantee would wait until the capture has used its share.
      try (App app =
              App.ready(
                  Path.of("/dev/urandom"),
                  "--netrng.server.capacity=10MB/s",
                  "--netrng.server.default-guarantee=8MB/s");
          RawClient client = app.connect()) {
        // given a client that receives samples
        client.join("beside");
        client.request(1_000_000);
        List<ByteBuffer> given = new ArrayList<>();
        given.add(client.sample().entropy());

        // when a capture draws as many bytes at the same time
        CompletableFuture<byte[]> drawn =
            app.http
                .sendAsync(app.capture("?size=1MB"), HttpResponse.BodyHandlers.ofByteArray())
                .thenApply(HttpResponse::body);
        while (!drawn.isDone()) {
          given.add(client.sample().entropy());
        }

        // then both took turns in any order, and no eight bytes occur twice
        awaitEnd(output);
        assertThat(output.toString())
            .containsPattern("capture ended .*pieces=\"([2-9]|[0-9]{2,})\"");
        given.add(ByteBuffer.wrap(drawn.get()));
        Set<Long> words = new HashSet<>();
        for (ByteBuffer bytes : given) {
          while (bytes.hasRemaining()) {
            assertThat(words.add(bytes.getLong()))
                .as("the word occurs for the first time")
                .isTrue();
          }
        }
      }
    }

    @Test
    void logsTheStartAndTheEndOfACapture(CapturedOutput output) throws Exception {
      try (App app = App.ready(Path.of("/dev/urandom"))) {
        app.draw("1500B");
        awaitEnd(output);
        assertThat(output.toString())
            .containsPattern(
                "capture started administrator=\"admin\" address=\"127.0.0.1:[0-9]+\" size=\"1500\"")
            .containsPattern(
                "capture ended reason=\"finished\" bytes=\"1500\" pieces=\"1\" epoch=\"[-0-9a-f]{36}\""
                    + " first-offset=\"0\" last-offset=\"1499\" administrator=\"admin\"");
      }
    }
  }

  @Nested
  class InterruptedCaptures {

    @Test
    void anUnreadCaptureBlocksOnlyOtherCapturesAndEndsWithItsConnection(CapturedOutput output)
        throws Exception {
      try (App app = App.ready(Path.of("/dev/urandom"));
          RawClient client = app.connect()) {
        // given an administrator who does not read the response
        HttpResponse<InputStream> unread = app.begin("64MB");

        // then the server still serves clients, and rejects another capture
        client.join("beside");
        client.request(100);
        for (int i = 0; i < 100; i++) {
          client.sample();
        }
        assertThat(app.refusal("?size=1MB"))
            .startsWith("409")
            .contains("Another capture is under way: try again when it has ended.");

        // when
        unread.body().close();

        // then
        await("the capture ends").until(() -> output.toString().contains("reason=\"cancelled\""));
        assertThat(app.captured()).isBetween(1.0, (double) (64 << 20) - 1);
        assertThat(app.draw("10KB").body()).hasSize(10 * SIZE);
      }
    }

    @Test
    void cancelsACaptureThatWaitsForItsFirstByte(CapturedOutput output) throws Exception {
      // given a device that passes its tests and then returns no more data
      Path fifo = directory.resolve("fifo");
      assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
      try (App app = new App(fifo, "--netrng.server.capacity=1MB/s");
          OutputStream writer = Files.newOutputStream(fifo)) {
        writer.write(random(4 * SIZE));
        await("the device is healthy")
            .until(() -> app.metric("netrng_source_state", "healthy") == 1);
        app.draw("3KB");

        // when
        CompletableFuture<?> waiting =
            app.http.sendAsync(app.capture("?size=1KB"), HttpResponse.BodyHandlers.ofByteArray());
        await("the capture begins")
            .until(() -> output.toString().split("capture started", -1).length - 1 == 2);
        waiting.cancel(true);

        // then
        await("the capture ends")
            .until(
                () -> output.toString().contains("reason=\"cancelled\" bytes=\"0\" pieces=\"0\""));
      }
    }

    @Test
    void cancelsACaptureThatIsBeingReadWhenTheServerStops(CapturedOutput output) throws Exception {
      try (App app = App.ready(Path.of("/dev/urandom"))) {
        // given
        HttpResponse<InputStream> response = app.begin("64MB");
        Thread reader = Thread.ofVirtual().start(() -> readToTheEnd(response.body()));

        // when
        app.context.close();

        // then
        reader.join();
        awaitEnd(output);
        assertThat(output.toString()).doesNotContain("ERROR", "Rejected");
      }
    }

    private static void readToTheEnd(InputStream in) {
      try {
        var _ = in.transferTo(OutputStream.nullOutputStream());
      } catch (IOException e) {
        // The server has closed the connection.
      }
    }

    @Test
    void abortsACaptureAndRefusesNewOnesWhenTheDeviceIsExhausted(CapturedOutput output)
        throws Exception {
      try (App app = App.ready(file(random(64 * SIZE)), "--netrng.server.capacity=1MB/s")) {
        assertThatIOException().isThrownBy(() -> app.draw("1MB"));
        await("the server logs the end of the capture")
            .until(() -> output.toString().contains("reason=\"exhausted\" bytes=\"64512\""));
        assertThat(app.refusal("?size=1B"))
            .startsWith("503")
            .contains("Every device was a file and has been read to its end");
      }
    }
  }

  @Nested
  class RefusedCaptures {

    @Test
    void rejectsASizeThatIsMissingInvalidOrOutOfRange() throws Exception {
      try (App app = new App(Path.of("/dev/urandom"))) {
        assertThat(
                List.of("0B", "-1B", "64.5MB", "67108865B", "65MB", "9999999999TB", "much", "1MiB"))
            .allSatisfy(size ->
                assertThat(app.refusal("?size=" + size))
                    .startsWith("400")
                    .contains(
                        "\"size = "
                            + size
                            + " is not possible: set it to a size from 1B to 64MB,"));
        assertThat(app.refusal("")).startsWith("400").contains("size = (empty) is not possible");
      }
    }

    @Test
    void refusesACaptureWithARetryDelayWhileThereIsNoEntropy() throws Exception {
      Path fifo = directory.resolve("fifo");
      assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
      try (App app = new App(fifo)) {
        HttpResponse<byte[]> response = app.draw("1MB");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValueAsLong("Retry-After")).hasValue(2);
        assertThat(app.refusal("?size=1MB"))
            .contains("No entropy can be handed out at present: try again in 2 s;");
        // Opens the FIFO for writing, because the reader would otherwise wait for a writer until
        // all tests end.
        Files.newOutputStream(fifo).close();
      }
    }

    @Test
    void refusesACaptureWithoutTheToken() throws Exception {
      try (App app = new App(Path.of("/dev/urandom"))) {
        HttpRequest unauthenticated =
            HttpRequest.newBuilder(app.capture("?size=1MB").uri())
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        assertThat(
                app.http.send(unauthenticated, HttpResponse.BodyHandlers.discarding()).statusCode())
            .isEqualTo(401);
      }
    }
  }
}
