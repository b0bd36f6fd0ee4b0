// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.bench.Installed;
import io.netrng.bench.RunningApp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An app that starts with an AOT cache, as in packages and images, because a start without it takes
 * five times as long. Closing it stops the app, and fails if Netty has reported a leak.
 */
final class AppProcess extends RunningApp {

  private static final Map<String, List<String>> COMMANDS = new ConcurrentHashMap<>();

  private AppProcess(String app, List<String> command, Map<String, String> environment) {
    super(app, command, environment);
  }

  /** Starts a server on free ports and waits until it is ready. */
  static AppProcess server(String... properties) {
    return server(0, properties);
  }

  /** Starts a server that streams on this port, and waits until it is ready. */
  static AppProcess server(int port, String... properties) {
    List<String> all = new ArrayList<>(List.of(properties));
    all.add("--netrng.server.port=" + port);
    AppProcess server = start(List.of(), "server", all.toArray(String[]::new));
    server.awaitReady();
    return server;
  }

  /** Starts a client on a free HTTP port and waits until it is ready. */
  static AppProcess client(String... properties) {
    AppProcess client = start(List.of(), "client", properties);
    client.awaitStarted();
    return client;
  }

  /**
   * Starts an app without waiting for it.
   *
   * @param prefix the beginning of the command line, such as {@code setpriv} and its options
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

  /** Runs a command line that starts an app, such as one of podman, without waiting for it. */
  static AppProcess run(String app, List<String> command, Map<String, String> environment) {
    return new AppProcess(app, command, environment);
  }

  String address() {
    return "127.0.0.1:" + streamPort();
  }

  /** Returns the token of administrators. The first server to start writes it. */
  static String adminToken() throws IOException {
    return Files.readString(ADMIN_TOKEN).strip();
  }

  /** The file of the administrators' token. */
  static Path adminTokenFile() {
    return ADMIN_TOKEN.toAbsolutePath();
  }

  void awaitMetric(String name, double atLeast) {
    await(name + " reaches " + atLeast)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(metric(name)).isGreaterThanOrEqualTo(atLeast));
  }

  void awaitHealth(String path, int status) {
    await(path + " returns " + status)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(get(path).statusCode()).isEqualTo(status));
  }

  void awaitLog(String text) {
    await("the log contains: " + text)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(log()).contains(text));
  }

  /** Returns the rngd that the client is running. */
  ProcessHandle awaitRngd() {
    return await("the client runs an rngd")
        .atMost(PATIENCE)
        .until(
            () -> handle().children().filter(ProcessHandle::isAlive).findFirst().orElse(null),
            Objects::nonNull);
  }

  @Override
  public void close() {
    super.close();
    assertThat(log()).as("Netty's reports of leaks in the log").doesNotContain("LEAK:");
  }
}
