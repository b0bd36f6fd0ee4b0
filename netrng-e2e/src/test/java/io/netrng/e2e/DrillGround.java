// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A network namespace with servers and clients, in which a firewall drops packets. Each server has
 * a certificate of its own.
 */
final class DrillGround {

  private static final String CHAIN = "inet drill input";

  private final String namespace = "netrng-drill-" + ProcessHandle.current().pid();
  private final Path directory;

  DrillGround(Path directory) throws Exception {
    this.directory = directory;
    Machine.run(List.of("ip", "netns", "add", namespace));
    run("ip", "link", "set", "lo", "up");
    run("nft", "add table inet drill");
    run("nft", "add chain " + CHAIN + " { type filter hook input priority 0; }");
  }

  /** Starts a server with the certificate of this name, which is signed on the first use. */
  AppProcess server(String authority, String name, int port, String... more) throws Exception {
    return server(authority, name, port, Path.of("/dev/urandom"), more);
  }

  /** Starts a server with the certificate of this name and this device. */
  AppProcess server(String authority, String name, int port, Path device, String... more)
      throws Exception {
    Path certificates = directory.resolve(authority);
    Certificates.make(certificates, "rng-%s.test 127.0.0.1".formatted(name), "client");
    // A server would reload the certificate of the next one.
    for (String suffix : List.of(".crt", ".key")) {
      Files.move(
          certificates.resolve("server" + suffix),
          certificates.resolve(name + suffix),
          StandardCopyOption.REPLACE_EXISTING);
    }
    AppProcess server =
        start(
            List.of(),
            "server",
            Certificates.bundle(
                certificates,
                name,
                Stream.concat(
                        Stream.of(
                            "--netrng.server.tls.bundle=netrng",
                            "--netrng.server.port=" + port,
                            "--netrng.server.capacity=1MB/s",
                            "--netrng.server.default-guarantee=4KB/s",
                            "--netrng.server.source.devices=" + device),
                        Stream.of(more))
                    .toArray(String[]::new)));
    server.awaitLog("device passed its start-up test");
    return server;
  }

  /** Starts a client of the sink kernel at 4 KB/s, with a short time between two feedings. */
  AppProcess client(List<String> prefix, List<AppProcess> servers, String... more) {
    List<String> addresses = servers.stream().map(AppProcess::address).toList();
    return start(
        prefix,
        "client",
        Certificates.bundle(
            directory.resolve("ca"),
            "client",
            Stream.concat(
                    Stream.of(
                        "--netrng.client.tls.bundle=netrng",
                        "--netrng.client.servers=" + String.join(",", addresses),
                        "--netrng.client.sink=kernel",
                        "--netrng.client.kernel.reseed-interval=100ms",
                        "--netrng.client.guarantee=4KB/s",
                        "--netrng.client.max-rate=4KB/s"),
                    Stream.of(more))
                .toArray(String[]::new)));
  }

  private AppProcess start(List<String> prefix, String app, String... properties) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    all.addAll(prefix);
    AppProcess started = AppProcess.start(all, app, properties);
    started.awaitStarted();
    return started;
  }

  /** Drops all packets from and to a server. */
  void partition(AppProcess server) throws Exception {
    drop("tcp dport " + server.streamPort());
    silence(server);
  }

  /** Drops all packets from a server. */
  void silence(AppProcess server) throws Exception {
    drop("tcp sport " + server.streamPort());
  }

  /** Drops packets from and to a server at random. */
  void lose(int percent, AppProcess server) throws Exception {
    String random = " numgen random mod 100 < " + percent;
    drop("tcp dport " + server.streamPort() + random);
    drop("tcp sport " + server.streamPort() + random);
  }

  private void drop(String packets) throws Exception {
    run("nft", "add rule %s %s drop".formatted(CHAIN, packets));
  }

  /** Drops nothing any more. */
  void heal() throws Exception {
    run("nft", "flush chain " + CHAIN);
  }

  /** Returns what an app reports under a path of its HTTP port. */
  String get(AppProcess app, String path) throws Exception {
    return run("curl", "-s", "http://127.0.0.1:" + app.httpPort() + path);
  }

  private String run(String... command) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    all.addAll(List.of(command));
    return Machine.run(all);
  }

  void delete() throws Exception {
    Machine.run(List.of("ip", "netns", "delete", namespace));
  }
}
