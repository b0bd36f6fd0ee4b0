// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A stub of the Kubernetes API with the requests that Helm sends to look up existing objects: the
 * list of kinds, and single objects. The test machines have no cluster.
 */
final class ApiStub implements AutoCloseable {

  private static final int OK = 200;
  private static final int NOT_FOUND = 404;

  private final HttpServer server;
  private final Map<String, JsonNode> secrets = new ConcurrentHashMap<>();

  ApiStub() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Replaces the existing Secrets of the release netrng. */
  void has(Stream<JsonNode> those) {
    secrets.clear();
    those.forEach(secret -> {
      String namespace = secret.at("/metadata/namespace").asString();
      // Helm marks the objects that it installs.
      ((ObjectNode) secret.at("/metadata"))
          .withObjectProperty("annotations")
          .put("meta.helm.sh/release-name", "netrng")
          .put("meta.helm.sh/release-namespace", namespace);
      secrets.put(
          "/api/v1/namespaces/%s/secrets/%s".formatted(namespace, Rendering.name(secret)), secret);
    });
  }

  private void answer(HttpExchange exchange) throws IOException {
    Object found = find(exchange.getRequestURI().getPath());
    Object body =
        found != null
            ? found
            : Map.of(
                "kind",
                "Status",
                "apiVersion",
                "v1",
                "status",
                "Failure",
                "code",
                NOT_FOUND,
                "reason",
                "NotFound");
    byte[] json = JsonMapper.shared().writeValueAsString(body).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(found == null ? NOT_FOUND : OK, json.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(json);
    }
  }

  private @Nullable Object find(String path) {
    return switch (path) {
      case "/version" -> Map.of("major", "1", "minor", "35", "gitVersion", "v1.35.0");
      case "/api" -> Map.of("kind", "APIVersions", "versions", List.of("v1"));
      case "/apis" -> Map.of("kind", "APIGroupList", "apiVersion", "v1", "groups", groups());
      default -> {
        String version = path.replaceFirst("^/apis?/", "");
        yield KubernetesApi.VERSIONS.containsValue(version)
            ? resources(version)
            : secrets.get(path);
      }
    };
  }

  private static List<Object> groups() {
    return KubernetesApi.VERSIONS.values().stream()
        .filter(version -> version.contains("/"))
        .distinct()
        .<Object>map(version -> {
          Map<String, String> only = Map.of("groupVersion", version, "version", "v1");
          String name = version.substring(0, version.indexOf('/'));
          return Map.of("name", name, "versions", List.of(only), "preferredVersion", only);
        })
        .toList();
  }

  private static Map<String, Object> resources(String version) {
    List<Object> resources =
        KubernetesApi.VERSIONS.entrySet().stream()
            .filter(kind -> kind.getValue().equals(version))
            .map(kind -> kind.getKey())
            .<Object>map(kind ->
                Map.of(
                    "kind",
                    kind,
                    "name",
                    kind.toLowerCase(Locale.ROOT) + "s",
                    "namespaced",
                    true,
                    "verbs",
                    List.of("get")))
            .collect(Collectors.toList());
    return Map.of("kind", "APIResourceList", "groupVersion", version, "resources", resources);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
