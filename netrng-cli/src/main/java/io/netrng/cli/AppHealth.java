// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.Proxy;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an app answers about its health.
 *
 * @param app the app
 * @param level what a monitoring system should make of it
 * @param reason a sentence, empty if all is well
 * @param json the answer itself, or the reason alone
 */
record AppHealth(StatusCommand.App app, Level level, String reason, JsonNode json) {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** As the alert NetrngCertificateExpiring. */
  private static final Duration SOON = Duration.ofDays(30);

  private static final String EXPIRY = "ssl_chain_expiry_seconds{";

  /** Spring Boot's own components, which are about the process and not about entropy. */
  private static final String PROCESS_STATES = "State";

  /** The states of Nagios plugins, the worst one last. */
  enum Level {
    OK(0),
    WARNING(1),
    CRITICAL(2),
    UNKNOWN(StatusCommand.UNKNOWN);

    private final int exitCode;

    Level(int exitCode) {
      this.exitCode = exitCode;
    }

    int exitCode() {
      return exitCode;
    }

    private static Level of(String status) {
      return switch (status) {
        case "UP" -> OK;
        case "DEGRADED" -> WARNING;
        case "DOWN", "OUT_OF_SERVICE" -> CRITICAL;
        default -> UNKNOWN;
      };
    }
  }

  /** Asks an app. An app that does not answer is critical. */
  static AppHealth of(StatusCommand.App app, String url) throws CommandFailure {
    try {
      JsonNode health = JsonMapper.shared().readTree(get(url + "/actuator/health"));
      return new AppHealth(
          app, Level.of(health.path("status").asString("")), reasons(health), health);
    } catch (ConnectException e) {
      return silent(app, "nothing answers at " + url);
    } catch (IOException | JacksonException e) {
      return silent(app, "%s gave no health: %s".formatted(url, e.getClass().getSimpleName()));
    }
  }

  /** Uses the JDK's old HTTP client: the new one takes 0.1 s more to load and to prepare TLS. */
  private static String get(String url) throws IOException, CommandFailure {
    if (!(open(url) instanceof HttpURLConnection http)) {
      throw new CommandFailure("'%s' is no URL.".formatted(url));
    }
    http.setConnectTimeout((int) PATIENCE.toMillis());
    http.setReadTimeout((int) PATIENCE.toMillis());
    // An app that is not up answers 503, with its health.
    boolean failed = http.getResponseCode() >= HttpURLConnection.HTTP_BAD_REQUEST;
    try (InputStream in = failed ? http.getErrorStream() : http.getInputStream()) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static URLConnection open(String url) throws IOException, CommandFailure {
    try {
      return URI.create(url).toURL().openConnection(Proxy.NO_PROXY);
    } catch (IllegalArgumentException | MalformedURLException e) {
      throw new CommandFailure("'%s' is no URL.".formatted(url), e);
    }
  }

  /**
   * Returns this health, or a warning if a certificate of the app expires soon.
   *
   * @param url of the app's HTTP
   */
  AppHealth withCertificates(String url) throws CommandFailure {
    OptionalDouble seconds =
        metrics(url)
            .lines()
            .filter(line -> line.startsWith(EXPIRY))
            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
            .min();
    if (seconds.isEmpty() || seconds.getAsDouble() >= SOON.toSeconds()) {
      return this;
    }
    long days = Duration.ofSeconds((long) seconds.getAsDouble()).toDays();
    String warning = "a certificate expires in %d days".formatted(days);
    return new AppHealth(
        app,
        level.compareTo(Level.WARNING) < 0 ? Level.WARNING : level,
        reason.isEmpty() ? warning : reason + ", " + warning,
        ((ObjectNode) json).put("certificateExpiresInDays", days));
  }

  /** Returns the app's metrics, or nothing if it does not answer: its level then says so. */
  private static String metrics(String url) throws CommandFailure {
    try {
      return get(url + "/actuator/prometheus");
    } catch (IOException e) {
      return "";
    }
  }

  private static AppHealth silent(StatusCommand.App app, String reason) {
    ObjectNode json = JsonMapper.shared().createObjectNode().put("reason", reason);
    return new AppHealth(app, Level.CRITICAL, reason, json);
  }

  /** Returns the components that are not up, each with its reason. */
  private static String reasons(JsonNode health) {
    return health.path("components").properties().stream()
        .filter(component -> !component.getValue().path("status").asString("").equals("UP"))
        .filter(component -> !component.getKey().endsWith(PROCESS_STATES))
        .map(AppHealth::reason)
        .collect(Collectors.joining(", "));
  }

  private static String reason(Map.Entry<String, JsonNode> component) {
    JsonNode details = component.getValue().path("details");
    // The devices of a server have details of their own.
    Stream<String> ofParts =
        details.properties().stream()
            .filter(part -> part.getValue().has("reason"))
            .map(part -> part.getKey() + " " + part.getValue().path("reason").asString(""));
    String why =
        Stream.concat(
                Stream.of("reason", "detail", "error")
                    .map(field -> details.path(field).asString(""))
                    .filter(text -> !text.isEmpty()),
                ofParts)
            .collect(Collectors.joining(": "));
    return "%s %s%s"
        .formatted(
            component.getKey(),
            component.getValue().path("status").asString(""),
            why.isEmpty() ? "" : " (" + why + ")");
  }

  /** Returns the app with the components that are not up. */
  String line() {
    return "%s %s".formatted(app.externalName(), reason.isEmpty() ? "up" : reason);
  }
}
