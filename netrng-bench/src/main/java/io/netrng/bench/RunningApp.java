// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One of the two apps in a separate process, for the benchmark and the end-to-end tests. Its log is
 * in {@code target/apps} of the module that starts it, and contains the ports that it listens on.
 * Every wait has a limit, and the message of a failure contains the log. An app that fails to start
 * is stopped.
 */
public class RunningApp implements AutoCloseable {

  /** The longest wait for an HTTP response, or for the end of the process. */
  public static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration LONGEST_START = Duration.ofMinutes(2);
  private static final Duration CHECK_INTERVAL = Duration.ofMillis(100);

  static final String METRICS = "/actuator/prometheus";
  private static final String HEALTH = "/actuator/health";

  private static final Path DIRECTORY = Installed.MODULE.resolve("target").resolve("apps");

  /** The file of the administrators' token, which the first server writes. */
  protected static final Path ADMIN_TOKEN = DIRECTORY.resolve("admin-token");

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Pattern HTTP_PORT = Pattern.compile("Netty started on port (\\d+)");
  private static final Pattern STREAM_PORT =
      Pattern.compile("listening for clients.*?address\"?[=:]\"[^\"]*:(\\d+)\"");

  private static final Pattern ENTROPY_API_PORT =
      Pattern.compile("listening for requests of the entropy API address=\"[^\"]*:(\\d+)\"");

  private final Process process;
  private final Path log;

  /**
   * Runs a command line that starts an app, without waiting for it.
   *
   * @param name the name of the log
   */
  protected RunningApp(String name, List<String> command, Map<String, String> environment) {
    try {
      Files.createDirectories(DIRECTORY);
      log = DIRECTORY.resolve("%s-%d.log".formatted(name, COUNT.incrementAndGet()));
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      builder.environment().putAll(environment);
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts a server on free ports with the build's jar, and waits until it is ready for clients.
   *
   * @param properties such as {@code netrng.server.max-clients=10}
   */
  static RunningApp server(String... properties) {
    return server(Command.jar("netrng-server"), properties);
  }

  /**
   * Starts a server on free ports with another command, and waits until it is ready for clients.
   *
   * @param app such as {@code java -jar netrng-server-app.jar}
   */
  static RunningApp server(List<String> app, String... properties) {
    List<String> command = new ArrayList<>(app);
    command.addAll(
        List.of(
            "--server.port=0",
            "--netrng.server.port=0",
            "--netrng.server.admin.token-file=" + ADMIN_TOKEN));
    for (String property : properties) {
      command.add("--" + property);
    }
    RunningApp server = new RunningApp("server", command, Map.of());
    server.awaitReady();
    return server;
  }

  /** Waits until the app has started. */
  public final void awaitStarted() {
    awaitStart(CHECK_INTERVAL, () -> log().contains("Started Netrng"));
  }

  /** Waits until a server has entropy to send. It refuses clients until its capacity is known. */
  public final void awaitReady() {
    awaitStarted();
    awaitStart(CHECK_INTERVAL, () -> get(HEALTH + "/readiness").statusCode() == 200);
  }

  /** Checks the condition at each interval until it holds, and stops an app that fails to start. */
  final void awaitStart(Duration interval, BooleanSupplier condition) {
    long begun = System.nanoTime();
    boolean started = false;
    try {
      while (!condition.getAsBoolean()) {
        if (endsWithin(interval) || System.nanoTime() - begun > LONGEST_START.toNanos()) {
          throw new IllegalStateException("the app did not start: " + log());
        }
      }
      started = true;
    } finally {
      if (!started) {
        stop();
      }
    }
  }

  /** Waits for the end of the process, and returns whether it ended in time. */
  private boolean endsWithin(Duration time) {
    try {
      return process.waitFor(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      throw new IllegalStateException(e);
    }
  }

  public final long pid() {
    return process.pid();
  }

  public final ProcessHandle handle() {
    return process.toHandle();
  }

  public final Path logFile() {
    return log;
  }

  public final String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public final int httpPort() {
    return find(HTTP_PORT);
  }

  /** Returns the port on which a server listens for clients. */
  public final int streamPort() {
    return find(STREAM_PORT);
  }

  /** Returns the port of a server's entropy API. */
  public final int entropyApiPort() {
    return find(ENTROPY_API_PORT);
  }

  /** Finds the last one, because the app can replace its program. */
  private int find(Pattern pattern) {
    return pattern
        .matcher(log())
        .results()
        .reduce((_, later) -> later)
        .map(match -> Integer.parseInt(match.group(1)))
        .orElseThrow(() -> new IllegalStateException("no %s in %s".formatted(pattern, log())));
  }

  /**
   * Returns the response to a GET request with the administrators' token, regardless of its status.
   */
  public final HttpResponse<String> get(String path) {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(httpPort(), path));
    try {
      HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(PATIENCE);
      // Sends no token where none is required, because it may not be that of this server.
      boolean open = path.startsWith(HEALTH) || path.equals(METRICS);
      if (!open && Files.exists(ADMIN_TOKEN)) {
        request.header("Authorization", "Bearer " + Files.readString(ADMIN_TOKEN).strip());
      }
      return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Returns a metric as the sum of its series, or 0 if there is none. */
  public final double metric(String name) {
    return get(METRICS)
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Returns the resident memory of the process and its children, in bytes. */
  final long residentSize() throws IOException {
    long kilobytes = 0;
    for (ProcessHandle one : Stream.concat(Stream.of(handle()), process.descendants()).toList()) {
      kilobytes +=
          Long.parseLong(
              Files.readString(Path.of("/proc/" + one.pid() + "/status"))
                  .replaceAll("(?s).*VmRSS:\\s*(\\d+) kB.*", "$1"));
    }
    return kilobytes * 1_024;
  }

  /** Waits for a process that is expected to exit, and returns its exit status. */
  public final int exitCode() {
    requireEnd();
    return process.exitValue();
  }

  /** Sends SIGKILL. */
  public final void kill() {
    process.destroyForcibly();
    requireEnd();
  }

  /** Sends SIGTERM, as systemd and Kubernetes do. */
  public final void stop() {
    process.destroy();
    requireEnd();
  }

  private void requireEnd() {
    if (!endsWithin(PATIENCE)) {
      process.destroyForcibly();
      throw new IllegalStateException("the process did not end: " + log());
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      stop();
    }
  }
}
