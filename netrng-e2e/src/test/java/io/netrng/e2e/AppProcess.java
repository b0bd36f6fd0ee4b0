package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.bench.Installed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of the two apps as a process of its own, started as packages and images start it: from an AOT
 * cache, without which a start takes five times as long. Closing it ends it, and fails if Netty has
 * reported a leak.
 */
final class AppProcess implements AutoCloseable {

  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Path LOGS = Path.of("target", "e2e");
  private static final Path ADMIN_TOKEN = LOGS.resolve("admin-token");
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final Map<String, List<String>> COMMANDS = new ConcurrentHashMap<>();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Pattern HTTP_PORT = Pattern.compile("Netty started on port (\\d+)");
  private static final Pattern STREAM_PORT =
      Pattern.compile("listening for clients.*?address\"?[=:]\"[^\"]*:(\\d+)\"");

  private final Process process;
  private final Path log;

  private AppProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** A server on any free ports, once it is up. */
  static AppProcess server(String... properties) {
    return server(0, properties);
  }

  /** A server whose stream is on a certain port, once it is up. */
  static AppProcess server(int port, String... properties) {
    List<String> all = new ArrayList<>(List.of(properties));
    all.add("--netrng.server.port=" + port);
    AppProcess server = start(List.of(), "server", all.toArray(String[]::new));
    server.awaitStarted();
    // Until its capacity is measured it tells clients to come back.
    server.awaitHealth("/actuator/health/readiness", 200);
    return server;
  }

  /** A client on any free HTTP port, once it is up. */
  static AppProcess client(String... properties) {
    AppProcess client = start(List.of(), "client", properties);
    client.awaitStarted();
    return client;
  }

  /**
   * Starts an app without waiting for it.
   *
   * @param prefix what the command line begins with, such as {@code setpriv} and its options
   */
  static AppProcess start(List<String> prefix, String app, String... properties) {
    List<String> command = new ArrayList<>(COMMANDS.computeIfAbsent(app, AppProcess::trained));
    command.add(1, "-Dio.netty.leakDetection.level=paranoid");
    command.addAll(0, prefix);
    command.add("--server.port=0");
    if (app.equals("server")) {
      command.add("--netrng.server.admin.token-file=" + ADMIN_TOKEN);
    }
    command.addAll(List.of(properties));
    return run(app, command, Map.of());
  }

  private static List<String> trained(String app) {
    String name = "netrng-" + app;
    try {
      Installed.train(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
    return Installed.command(name);
  }

  /** Runs a command line that becomes an app, such as one of podman, without waiting for it. */
  static AppProcess run(String app, List<String> command, Map<String, String> environment) {
    try {
      Files.createDirectories(LOGS);
      Path log = LOGS.resolve("%s-%d.log".formatted(app, COUNT.incrementAndGet()));
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      builder.environment().putAll(environment);
      return new AppProcess(builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long pid() {
    return process.pid();
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  Path logFile() {
    return log;
  }

  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the end of a process that is expected to end by itself. */
  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .as("the process ends by itself: %s", log())
        .isTrue();
    return process.exitValue();
  }

  int httpPort() {
    return Integer.parseInt(find(HTTP_PORT));
  }

  int streamPort() {
    return Integer.parseInt(find(STREAM_PORT));
  }

  String address() {
    return "127.0.0.1:" + streamPort();
  }

  /** What servers ask administrators for; there once the first of them has started. */
  static String adminToken() throws IOException {
    return Files.readString(ADMIN_TOKEN).strip();
  }

  /** The answer to a GET, whatever its status. */
  HttpResponse<String> get(String path) {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(httpPort(), path));
    try {
      HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(PATIENCE);
      // What is open is asked without the token, which may not be that of this server.
      boolean open = path.startsWith("/actuator/health") || path.equals("/actuator/prometheus");
      if (!open && Files.exists(ADMIN_TOKEN)) {
        request.header("Authorization", "Bearer " + adminToken());
      }
      return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A metric, summed over its series; 0 if there is none. */
  double metric(String name) {
    return get("/actuator/prometheus")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  void awaitMetric(String name, double atLeast) {
    await(name + " reaches " + atLeast)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(metric(name)).isGreaterThanOrEqualTo(atLeast));
  }

  void awaitHealth(String path, int status) {
    await(path + " answers " + status)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(get(path).statusCode()).isEqualTo(status));
  }

  void awaitLog(String text) {
    await("the log says: " + text)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(log()).contains(text));
  }

  /** The rngd that a client has running now. */
  ProcessHandle awaitRngd() {
    return await("the client runs an rngd")
        .atMost(PATIENCE)
        .until(
            () -> handle().children().filter(ProcessHandle::isAlive).findFirst().orElse(null),
            Objects::nonNull);
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
    assertThat(process.onExit()).succeedsWithin(PATIENCE);
  }

  /** SIGTERM, as systemd and Kubernetes stop it. */
  void stop() {
    process.destroy();
    assertThat(process.onExit()).as("ends on SIGTERM").succeedsWithin(PATIENCE);
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      stop();
    }
    assertThat(log()).as("what Netty says of leaks").doesNotContain("LEAK:");
  }

  void awaitStarted() {
    await("the app starts")
        .atMost(PATIENCE)
        .failFast("it ended", () -> assertThat(process.isAlive()).as(log()).isTrue())
        .until(() -> log().contains("Started Netrng"));
  }

  private String find(Pattern pattern) {
    Matcher matcher = pattern.matcher(log());
    assertThat(matcher.find()).as("%s in %s", pattern, log()).isTrue();
    return matcher.group(1);
  }
}
