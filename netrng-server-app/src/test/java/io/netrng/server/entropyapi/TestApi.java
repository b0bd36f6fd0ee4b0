// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.session.TestServer;
import io.netrng.testing.PeriodicTasks;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The listener of the entropy API on plain HTTP, beside a server without Spring. */
final class TestApi implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final EntropyApiServer api;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * Starts the listener on a free port.
   *
   * @param namesAndValues properties below netrng.server.entropy-api
   */
  TestApi(TestServer server, String... namesAndValues) {
    this(server, properties(namesAndValues));
  }

  private TestApi(TestServer server, EntropyApiProperties properties) {
    this(
        server,
        properties,
        new Authentication(server.authenticator(), false, tokens(properties.tokenDirectory())));
  }

  private TestApi(
      TestServer server, EntropyApiProperties properties, Authentication authentication) {
    api =
        new EntropyApiServer(
            properties,
            server.security(),
            server.listeners(),
            new EntropyApi(
                properties,
                server.sessions(),
                server.source()::status,
                server.source()::availability,
                authentication,
                "{}".getBytes(StandardCharsets.US_ASCII),
                System::nanoTime),
            PeriodicTasks.SCHEDULER);
    api.start();
  }

  private static @Nullable Tokens tokens(@Nullable Path directory) {
    return directory == null ? null : Tokens.of(directory);
  }

  static EntropyApiProperties properties(String... namesAndValues) {
    Map<String, String> properties = new HashMap<>(Map.of("netrng.server.entropy-api.port", "0"));
    for (int i = 0; i < namesAndValues.length; i += 2) {
      properties.put("netrng.server.entropy-api." + namesAndValues[i], namesAndValues[i + 1]);
    }
    return new Binder(new MapConfigurationPropertySource(properties))
        .bindOrCreate("netrng.server.entropy-api", EntropyApiProperties.class);
  }

  EntropyApiServer server() {
    return api;
  }

  InetSocketAddress address() {
    return Objects.requireNonNull(api.address(), "not listening");
  }

  /** A connection without a request. */
  Socket connect() throws IOException {
    return new Socket(address().getAddress(), address().getPort());
  }

  /** A request to a path, with headers given as names and values in turn. */
  HttpRequest.Builder request(String path, String... headers) {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(address().getPort(), path));
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(PATIENCE);
    return headers.length == 0 ? request : request.headers(headers);
  }

  HttpResponse<byte[]> get(String path, String... headers)
      throws IOException, InterruptedException {
    return send(request(path, headers));
  }

  HttpResponse<byte[]> post(String path, String body, String... headers)
      throws IOException, InterruptedException {
    return send(request(path, headers).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  @Override
  public void close() {
    http.shutdownNow();
    CompletableFuture<Boolean> stopped = new CompletableFuture<>();
    api.stop(() -> stopped.complete(true));
    assertThat(stopped).as("the API has stopped").succeedsWithin(PATIENCE);
    http.close();
  }
}
