// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A client with a limit of one connection loses its machine and reconnects from another address.
 * The server and both machines of the client are network namespaces. The client is a shell script.
 */
class CrashedClientIT {

  private static final String HELLO = "\\0\\0\\0\\x09\\x01\\x01\\0\\0\\0\\0\\x02vm";
  private static final String REQUEST = "\\0\\0\\0\\x05\\x02\\0\\x0f\\0\\0";

  private static final String WELCOME = "81";
  private static final String TOO_MANY_CONNECTIONS = "84000a";

  private final String suffix = Long.toString(ProcessHandle.current().pid());
  private final List<Process> running = new ArrayList<>();
  private AppProcess server;

  /** The activity of the client when its machine crashed. */
  enum Before {
    IDLE(HELLO, "exec cat <&3 >/dev/null"),
    DRAWING(HELLO + REQUEST, "exec cat <&3 >/dev/null"),
    NOT_READING(HELLO + REQUEST, "exec sleep 600");

    private final String sent;
    private final String then;

    Before(String sent, String then) {
      this.sent = sent;
      this.then = then;
    }
  }

  @BeforeEach
  void aServerBetweenTwoMachines() throws Exception {
    for (String machine : List.of("server", "old", "new")) {
      ip("netns", "add", namespace(machine));
      ip("-n", namespace(machine), "link", "set", "lo", "up");
    }
    connect("old", "192.0.2");
    connect("new", "198.51.100");
    server =
        AppProcess.start(
            List.of("ip", "netns", "exec", namespace("server")),
            "server",
            "--netrng.server.bind-address=0.0.0.0",
            "--netrng.server.allow-plaintext=true",
            "--netrng.server.source.devices=/dev/urandom",
            // The shell sends no PING. The server must not close its connection after three
            // keepalives during a test.
            "--netrng.server.keepalive=60s",
            "--netrng.server.default-ceiling=64KB/s",
            "--netrng.server.clients[0].name=vm",
            "--netrng.server.clients[0].max-connections=1");
    server.awaitStarted();
    // It refuses clients until the capacity is known, which is later than the start-up test.
    await("the server has entropy to send")
        .atMost(AppProcess.PATIENCE)
        .ignoreException(IOException.class)
        .until(this::readiness, status -> status.equals("200"));
  }

  @AfterEach
  void gone() throws Exception {
    for (Process process : running) {
      process.destroyForcibly();
      assertThat(process.waitFor(AppProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
    server.close();
    for (String machine : List.of("server", "old", "new")) {
      ip("netns", "delete", namespace(machine));
    }
  }

  /**
   * Excludes a client that does not read: the kernel's window probes are too far apart to detect
   * the crash.
   */
  @ParameterizedTest
  @EnumSource(names = {"IDLE", "DRAWING"})
  void aCrashedClientIsAdmittedFromANewAddressWithinSeconds(Before before) throws Exception {
    // given a client whose machine left the network without sending a packet
    join(before);
    ip("-n", namespace("old"), "address", "flush", "dev", cable("old"));

    // when it reconnects with another address
    long retryAfter = refusal();

    // then
    assertThat(retryAfter).isBetween(3_000L, 5_000L);
    await("the server closes the dead connection long before three keepalives")
        .atMost(Duration.ofMillis(4 * retryAfter))
        .until(() -> departures() == 1);
    assertThat(server.log()).contains("reason=\"connection-lost\"");
    assertThat(answer()).startsWith(WELCOME);
  }

  @ParameterizedTest
  @EnumSource
  void aConnectedClientIsNotReplacedWhileItsMachineResponds(Before before) throws Exception {
    // given
    join(before);

    // when another client connects with the same name
    long retryAfter = refusal();

    // then
    await("the older connection remains")
        .during(Duration.ofMillis(retryAfter))
        .atMost(Duration.ofMillis(2 * retryAfter))
        .until(() -> departures() == 0);
    refusal();
  }

  /**
   * Connects the client on its old machine. If it does not read, waits until its receive window is
   * closed.
   */
  private void join(Before before) throws Exception {
    running.add(begin("old", "192.0.2.1", before.sent, before.then));
    await("the client connects")
        .atMost(AppProcess.PATIENCE)
        .until(() -> server.log().contains("client connected"));
    if (before == Before.NOT_READING) {
      await("the client's window is closed")
          .atMost(AppProcess.PATIENCE)
          .until(() -> inServerNamespace("ss", "-tno").contains("persist"));
    }
  }

  private String readiness() throws Exception {
    String url = "http://127.0.0.1:%d/actuator/health/readiness".formatted(server.httpPort());
    return inServerNamespace("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url);
  }

  private String inServerNamespace(String... command) throws Exception {
    return Machine.run(
        Stream.concat(Stream.of("ip", "netns", "exec", namespace("server")), Stream.of(command))
            .toList());
  }

  private long departures() {
    return server.log().lines().filter(line -> line.contains("client disconnected")).count();
  }

  /**
   * Connects on the new machine, expects a refusal, and returns its retry-after time in
   * milliseconds.
   */
  private long refusal() throws Exception {
    String answer = answer();
    assertThat(answer).startsWith(TOO_MANY_CONNECTIONS);
    return Long.parseLong(answer.substring(TOO_MANY_CONNECTIONS.length()), 16);
  }

  /** Returns the first bytes of the server's response on the new machine, after the length. */
  private String answer() throws Exception {
    Process client = begin("new", "198.51.100.1", HELLO, "head -c 11 <&3 | od -An -v -tx1");
    String bytes = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(client.waitFor(AppProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return bytes.replaceAll("\\s", "").substring(2 * 4);
  }

  private Process begin(String machine, String address, String sent, String then)
      throws IOException {
    String script = "exec 3<>/dev/tcp/%s/8989; printf '%s' >&3; %s".formatted(address, sent, then);
    return new ProcessBuilder("ip", "netns", "exec", namespace(machine), "bash", "-ec", script)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private void connect(String machine, String network) throws Exception {
    String end = cable(machine) + "s";
    ip("link", "add", end, "type", "veth", "peer", "name", cable(machine));
    attach("server", end, network + ".1");
    attach(machine, cable(machine), network + ".2");
  }

  private void attach(String machine, String end, String address) throws Exception {
    ip("link", "set", end, "netns", namespace(machine));
    ip("-n", namespace(machine), "address", "add", address + "/24", "dev", end);
    ip("-n", namespace(machine), "link", "set", end, "up");
  }

  private String namespace(String machine) {
    return "netrng-%s-%s".formatted(machine, suffix);
  }

  private String cable(String machine) {
    return "nr%s%s".formatted(machine.charAt(0), suffix);
  }

  private static void ip(String... arguments) throws Exception {
    Machine.run(Stream.concat(Stream.of("ip"), Stream.of(arguments)).toList());
  }
}
