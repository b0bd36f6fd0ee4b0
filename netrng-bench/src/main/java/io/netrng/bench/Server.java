package io.netrng.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The server as operators run it: its jar in a process of its own, on free ports. */
final class Server implements AutoCloseable {

  private static final long START_SECONDS = 120;
  private static final Pattern PORT =
      Pattern.compile("listening for clients address=\"[^\"]*:(\\d+)\"");
  private static final Pattern HTTP_PORT = Pattern.compile("Netty started on port (\\d+)");
  static final String CLIENTS = "/api/v1/clients?size=10000";
  static final String METRICS = "/actuator/prometheus";

  static final Path ADMIN_TOKEN = Path.of("netrng-bench/target/bench/admin-token");

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Process process;
  private final Path log;

  private Server(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts a server, and waits until it is ready for clients.
   *
   * @param properties such as {@code netrng.server.max-clients=10}
   */
  static Server start(String... properties) throws IOException, InterruptedException {
    return start(Command.jar("netrng-server"), properties);
  }

  /**
   * The same with a command of its own.
   *
   * @param app such as {@code java -jar netrng-server-app.jar}
   */
  static Server start(List<String> app, String... properties)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile("netrng-bench", ".log");
    List<String> command = new ArrayList<>(app);
    command.addAll(
        List.of(
            "--server.port=0",
            "--netrng.server.port=0",
            "--netrng.server.admin.token-file=" + ADMIN_TOKEN));
    for (String property : properties) {
      command.add("--" + property);
    }
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Server server = new Server(process, log);
    try {
      server.awaitReady();
      return server;
    } catch (IOException | InterruptedException e) {
      server.close();
      throw e;
    }
  }

  int port() throws IOException {
    return find(PORT);
  }

  int httpPort() throws IOException {
    return find(HTTP_PORT);
  }

  /** Begins to ask for this without a pause. */
  Worker asked(String path) throws IOException {
    Worker poller = Worker.start(AdminPoller.class, httpPort(), ADMIN_TOKEN, path);
    poller.readLine();
    return poller;
  }

  long pid() {
    return process.pid();
  }

  /** The answer to a GET of an administrator. */
  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + httpPort() + path);
    String token = Files.readString(ADMIN_TOKEN).strip();
    return HTTP.send(
        HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** A metric, summed over its series; 0 if there is none. */
  double metric(String name) throws IOException, InterruptedException {
    return get(METRICS)
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** What the process has in memory now, in bytes. */
  long residentSize() throws IOException {
    return Command.residentSize(pid());
  }

  private void awaitReady() throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (System.nanoTime() < end) {
      if (log().contains(": Started Netrng")
          && get("/actuator/health/readiness").statusCode() == 200) {
        return;
      }
      if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
        break;
      }
    }
    throw new IOException("the server did not start: " + log());
  }

  private int find(Pattern pattern) throws IOException {
    Matcher matcher = pattern.matcher(log());
    if (!matcher.find()) {
      throw new IOException("the server does not say where it listens: " + log());
    }
    return Integer.parseInt(matcher.group(1));
  }

  private String log() throws IOException {
    return Files.readString(log);
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    process.onExit().join();
    Files.delete(log);
  }
}
