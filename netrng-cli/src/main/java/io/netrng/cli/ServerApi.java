// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The REST API of a server, with the administrator's token. */
final class ServerApi implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int OK = 200;
  private static final int REDIRECT = 300;
  private static final int UNAUTHORIZED = 401;
  private static final int LARGEST_PAGE = 10_000;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();

  private final String url;
  private final Path tokenFile;
  private final String token;

  /**
   * Reads the token.
   *
   * @throws CommandFailure if this user cannot read it
   */
  ServerApi(String url, Path tokenFile) throws CommandFailure {
    this.url = url;
    this.tokenFile = tokenFile;
    try {
      token = Files.readString(tokenFile).strip();
    } catch (IOException e) {
      throw new CommandFailure(
          "The administrator's token %s cannot be read (%s): run this as root, or name the file with --token-file."
              .formatted(tokenFile, e.getClass().getSimpleName()),
          e);
    }
  }

  JsonNode get(String path) throws CommandFailure {
    return parsed(send("GET", path, BodyPublishers.noBody(), BodyHandlers.ofInputStream()));
  }

  void delete(String path) throws CommandFailure {
    parsed(send("DELETE", path, BodyPublishers.noBody(), BodyHandlers.ofInputStream()));
  }

  JsonNode patch(String path, JsonNode body) throws CommandFailure {
    return parsed(
        send(
            "PATCH", path, BodyPublishers.ofString(body.toString()), BodyHandlers.ofInputStream()));
  }

  /** Returns the connected clients of an identity or a label. */
  List<JsonNode> clients(String name) throws CommandFailure {
    List<JsonNode> clients =
        named(get("/api/v1/clients?size=" + LARGEST_PAGE).path("clients"), name);
    if (clients.isEmpty()) {
      throw new CommandFailure(
          "No client '%s' is connected: 'netrng clients' lists them.".formatted(name));
    }
    return clients;
  }

  /** Returns those of a list of clients or holds that have this identity, label or id. */
  static List<JsonNode> named(JsonNode list, String name) {
    return list.valueStream()
        .filter(entry ->
            Stream.of("identity", "label", "id")
                .anyMatch(field -> entry.path(field).asString().equals(name)))
        .toList();
  }

  /** Sends the body of the answer to a POST to a stream. */
  long download(String path, OutputStream to) throws CommandFailure {
    HttpResponse<InputStream> answer =
        send("POST", path, BodyPublishers.noBody(), BodyHandlers.ofInputStream());
    try (InputStream body = checked(answer)) {
      return body.transferTo(to);
    } catch (IOException e) {
      throw new CommandFailure("The capture ended early: " + e.getMessage(), e);
    }
  }

  /** Passes each line of an endless answer on, until the server ends it. */
  void lines(String path, Consumer<String> consumer) throws CommandFailure {
    HttpRequest request = request("GET", path, BodyPublishers.noBody()).build();
    HttpResponse<Stream<String>> answer = exchange(request, BodyHandlers.ofLines());
    if (answer.statusCode() != OK) {
      throw refusal(answer.statusCode(), Optional.empty());
    }
    answer.body().forEach(consumer);
  }

  private <T> HttpResponse<T> send(
      String method, String path, BodyPublisher body, HttpResponse.BodyHandler<T> handler)
      throws CommandFailure {
    return exchange(request(method, path, body).timeout(PATIENCE).build(), handler);
  }

  private HttpRequest.Builder request(String method, String path, BodyPublisher body)
      throws CommandFailure {
    try {
      return HttpRequest.newBuilder(URI.create(url + path))
          .header("Authorization", "Bearer " + token)
          .header("Content-Type", "application/json")
          .method(method, body);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure("'%s' is no URL of a server.".formatted(url), e);
    }
  }

  private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws CommandFailure {
    try {
      return http.send(request, handler);
    } catch (ConnectException e) {
      throw new CommandFailure(
          "No server answers at %s: start it (systemctl start netrng-server), or name its address with --url."
              .formatted(url),
          e);
    } catch (IOException e) {
      throw new CommandFailure("%s failed: %s".formatted(url, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("Interrupted.", e);
    }
  }

  private JsonNode parsed(HttpResponse<InputStream> answer) throws CommandFailure {
    try (InputStream body = checked(answer)) {
      return JsonMapper.shared().readTree(body);
    } catch (IOException | JacksonException e) {
      throw new CommandFailure("%s gave an answer that is no JSON.".formatted(url), e);
    }
  }

  private InputStream checked(HttpResponse<InputStream> answer) throws CommandFailure {
    if (answer.statusCode() >= OK && answer.statusCode() < REDIRECT) {
      return answer.body();
    }
    try (InputStream body = answer.body()) {
      String detail = JsonMapper.shared().readTree(body).path("detail").asString();
      throw refusal(answer.statusCode(), Optional.of(detail).filter(text -> !text.isEmpty()));
    } catch (IOException | JacksonException e) {
      throw refusal(answer.statusCode(), Optional.empty());
    }
  }

  private CommandFailure refusal(int status, Optional<String> detail) {
    if (status == UNAUTHORIZED) {
      return new CommandFailure(
          "%s refuses the token of %s: name the server's token with --token-file."
              .formatted(url, tokenFile));
    }
    return new CommandFailure(detail.orElse("%s answered with status %d.".formatted(url, status)));
  }

  @Override
  public void close() {
    http.close();
  }
}
