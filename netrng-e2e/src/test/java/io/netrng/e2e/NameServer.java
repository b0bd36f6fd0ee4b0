// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A dnsmasq that answers for example.org only, on a loopback address of its own. Programs started
 * behind {@link #prefix} use it as their only name server.
 */
final class NameServer implements AutoCloseable {

  static final String SERVICE = "_netrng._tcp.example.org";

  private static final int PORT = 53;

  private final Path directory;
  private final String address;
  private Process process;

  /** Starts a name server with these lines of dnsmasq's configuration. */
  NameServer(Path directory, String... lines) throws IOException {
    this.directory = directory;
    long pid = ProcessHandle.current().pid();
    address = "127.53.%d.%d".formatted(pid >> Byte.SIZE & 0xff, pid & 0xff);
    Files.writeString(
        directory.resolve("resolv.conf"), "search example.org\nnameserver %s\n".formatted(address));
    Files.writeString(
        directory.resolve("hosts"), "127.0.0.1 localhost rng-1.example.org rng-2.example.org\n");
    process = start(lines);
  }

  /** Returns a line for an SRV record. */
  static String srv(String target, int port, int priority) {
    return "srv-host=%s,%s,%d,%d,1".formatted(SERVICE, target, port, priority);
  }

  /** Returns the line for the target ".", which means that there is no such service. */
  static String noService() {
    return "srv-host=" + SERVICE;
  }

  /** Returns the beginning of the command line of a program that uses this name server. */
  List<String> prefix() {
    return List.of(
        "unshare",
        "--mount",
        "sh",
        "-c",
        "mount --bind %s /etc/resolv.conf && mount --bind %s /etc/hosts && exec \"$@\""
            .formatted(directory.resolve("resolv.conf"), directory.resolve("hosts")),
        "sh");
  }

  /** Replaces the configuration. */
  void replace(String... lines) throws IOException {
    stop();
    process = start(lines);
  }

  private Process start(String... lines) throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of(
                "no-resolv",
                "no-hosts",
                "bind-interfaces",
                "listen-address=" + address,
                "local=/#/",
                "local-ttl=1",
                "user=root",
                "pid-file"));
    all.addAll(List.of(lines));
    Path file = Files.write(directory.resolve("dnsmasq.conf"), all);
    Process started =
        new ProcessBuilder("dnsmasq", "--no-daemon", "--conf-file=" + file)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("dnsmasq.log").toFile())
            .start();
    await("dnsmasq listens")
        .atMost(AppProcess.PATIENCE)
        .failFast("dnsmasq ended", () -> !started.isAlive())
        .ignoreExceptions()
        .until(this::accepts);
    return started;
  }

  private boolean accepts() throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), PORT));
      return true;
    }
  }

  /** Answers nothing from now on, as if a firewall dropped the questions. */
  void fallSilent() throws IOException, InterruptedException {
    Machine.signal("STOP", process.toHandle());
  }

  void stop() {
    Machine.kill(List.of(process));
  }

  @Override
  public void close() {
    stop();
  }
}
