// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.bench.Installed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Apps replace their process on SIGUSR1, which is how a hook reports a restore. GuestsIT tests the
 * other signals in virtual machines, and PackagesIT tests the units.
 */
class CloneIT {

  private static final Pattern EPOCH = Pattern.compile("admitted by server.* epoch=\"([^\"]+)\"");
  private static final int RESTART = 75;
  private static final int TERMINATED = 143;

  @TempDir private Path dir;

  private static void awaitProgram(AppProcess app, int count) {
    await("program " + count)
        .atMost(AppProcess.PATIENCE)
        .until(() -> app.log().split("Started Netrng", -1).length > count);
  }

  private static void awaitFresh(AppProcess app) {
    app.awaitLog("fresh entropy after a clone");
  }

  private static List<ProcessHandle> children(AppProcess app) {
    return app.handle().children().toList();
  }

  private static long descriptors(AppProcess app) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + app.pid() + "/fd"))) {
      return open.count();
    }
  }

  /** A line of the status of the process, such as the signals that it ignores. */
  private static String status(long pid, String name) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith(name + ":"))
        .findFirst()
        .orElseThrow()
        .substring(name.length() + 1)
        .strip();
  }

  private static List<String> epochs(AppProcess client) {
    return EPOCH.matcher(client.log()).results().map(r -> r.group(1)).distinct().toList();
  }

  @Test
  void aClientEndsItsSessionWithoutByeAndStartsAgainWithANewRngd() throws Exception {
    try (AppProcess server =
            AppProcess.server("--netrng.server.source.devices=" + Machine.device());
        AppProcess client = AppProcess.client("--netrng.client.servers=" + server.address())) {
      // given
      ProcessHandle rngd = client.awaitRngd();
      client.awaitMetric("netrng_rngd_consumed_bytes_total", 1);
      long descriptors = descriptors(client);

      // when
      Machine.signal("USR1", client.handle());

      // then the process stays and the program is another one
      awaitFresh(client);
      awaitProgram(client, 2);
      assertThat(rngd.isAlive()).isFalse();
      assertThat(children(client))
          .singleElement()
          .satisfies(child -> assertThat(child.pid()).isNotEqualTo(rngd.pid()));
      assertThat(status(client.pid(), "SigBlk")).isEqualTo("0000000000000000");
      assertThat(descriptors(client)).as("open descriptors").isLessThanOrEqualTo(descriptors + 2);

      // and the server has seen the end of a connection, and no BYE
      server.awaitLog("client disconnected");
      assertThat(server.log())
          .containsPattern("client disconnected.*reason=\"connection-lost\"")
          .doesNotContainPattern("client disconnected.*reason=\"bye\"");

      // and it is measured
      assertThat(client.metric("netrng_clone_detections_total")).isEqualTo(1);
      assertThat(client.metric("netrng_clone_fresh_seconds")).isPositive();
      assertThat(client.get("/actuator/health").body())
          .contains("\"lastSignal\":\"request\"", "\"millisToFreshEntropy\":");

      // and a second request works too
      Machine.signal("USR1", client.handle());
      awaitProgram(client, 3);
      await("the second detection")
          .atMost(AppProcess.PATIENCE)
          .until(() -> client.metric("netrng_clone_detections_total") == 2);
    }
  }

  @Test
  void aClientWithTheSinkKernelCreditsAndReseedsAgain() throws Exception {
    try (AppProcess server =
            AppProcess.server("--netrng.server.source.devices=" + Machine.device());
        AppProcess client =
            AppProcess.client(
                "--netrng.client.servers=" + server.address(), "--netrng.client.sink=kernel")) {
      client.awaitMetric("netrng_kernel_reseeds_total", 1);

      Machine.signal("USR1", client.handle());

      awaitFresh(client);
      awaitProgram(client, 2);
      client.awaitMetric("netrng_kernel_credited_bits_total", 256);
      client.awaitMetric("netrng_kernel_reseeds_total", 1);
      assertThat(client.log()).containsPattern("clone detected.* kernel-reseed=\"done\"");
    }
  }

  @Test
  void aServerBeginsANewEpochAndEndsItsPrograms() throws Exception {
    try (AppProcess server =
            AppProcess.server(
                Machine.freePort(), "--netrng.server.source.devices=exec:cat /dev/urandom");
        AppProcess client = AppProcess.client("--netrng.client.servers=" + server.address())) {
      // given
      await("the client is admitted")
          .atMost(AppProcess.PATIENCE)
          .until(() -> epochs(client).size() == 1);
      List<ProcessHandle> programs = children(server);
      assertThat(programs).isNotEmpty();

      // when
      Machine.signal("USR1", server.handle());

      // then
      await("the client is in another epoch")
          .atMost(AppProcess.PATIENCE)
          .until(() -> epochs(client).size() == 2);
      awaitFresh(server);
      assertThat(programs).noneMatch(ProcessHandle::isAlive);
      assertThat(children(server)).hasSize(1);
      List<String> runs = List.of(server.log().split("Starting AOT-processed", -1));
      assertThat(runs).hasSize(3);
      assertThat(runs.getLast()).containsOnlyOnce("device passed its start-up test");
      assertThat(server.get("/actuator/health").body()).contains("\"lastSignal\":\"request\"");
    }
  }

  /** An rngd that ignores SIGTERM makes the replacement last for some seconds. */
  @Test
  void aClientThatIsStoppedDuringItsReplacementEnds() throws Exception {
    Path rngd =
        Machine.script(
            dir.resolve("rngd"),
            """
            #!/bin/sh
            trap '' TERM
            case $1 in
              --help) echo --no-drng ;;
              *) cat >/dev/null; exec sleep 30 ;;
            esac
            """);
    try (AppProcess server =
            AppProcess.server("--netrng.server.source.devices=" + Machine.device());
        AppProcess client =
            AppProcess.client(
                "--netrng.client.servers=" + server.address(),
                "--netrng.client.rngd.command=" + rngd)) {
      // given
      client.awaitRngd();
      Machine.signal("USR1", client.handle());
      client.awaitLog("clone detected, replacing the process");

      // when
      Machine.signal("TERM", client.handle());

      // then
      assertThat(client.exitCode()).isEqualTo(TERMINATED);
      assertThat(client.log().split("Started Netrng", -1)).hasSize(2);
      assertThat(children(client)).isEmpty();
    }
  }

  /** In a container without tini, Java is process 1. */
  @Test
  void aClientReplacesItselfAsProcess1() throws Exception {
    List<String> container = List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc");
    try (AppProcess server =
            AppProcess.server("--netrng.server.source.devices=" + Machine.device());
        AppProcess client =
            AppProcess.start(container, "client", "--netrng.client.servers=" + server.address())) {
      // given
      client.awaitStarted();
      client.awaitMetric("netrng_rngd_consumed_bytes_total", 1);
      ProcessHandle first = client.handle().children().findFirst().orElseThrow();
      assertThat(status(first.pid(), "NSpid")).endsWith("\t1");

      // when
      Machine.signal("USR1", first);

      // then
      awaitFresh(client);
      assertThat(client.handle().children().toList()).containsExactly(first);
      assertThat(first.children().toList()).hasSize(1);

      // and it stops; unshare itself ignores the signal
      Machine.signal("TERM", first);
      assertThat(client.exitCode()).isEqualTo(TERMINATED);
    }
  }

  @Test
  void anAppWhoseProgramIsMissingExitsSoThatItIsRestarted() throws Exception {
    // given
    AppProcess trained =
        AppProcess.client("--netrng.client.servers=127.0.0.1:1", "--netrng.client.sink=kernel");
    trained.close();
    List<String> command = Installed.command("netrng-client");
    Path runtime = Path.of(command.getFirst()).getParent().getParent();
    Path copy = dir.resolve("runtime");
    Machine.run(List.of("cp", "--archive", runtime.toString(), copy.toString()));
    Path java = copy.resolve("bin/java");
    List<String> line =
        Stream.concat(
                Stream.of(java.toString()),
                Stream.concat(
                    command.stream().skip(1),
                    Stream.of(
                        "--server.port=0",
                        "--netrng.client.sink=kernel",
                        "--netrng.client.servers=127.0.0.1:1")))
            .toList();
    try (AppProcess client = AppProcess.run("client", line, Map.of())) {
      client.awaitStarted();
      Files.delete(java);

      // when
      Machine.signal("USR1", client.handle());

      // then
      assertThat(client.exitCode()).isEqualTo(RESTART);
      assertThat(client.log())
          .contains("process cannot be replaced, and exits to be restarted")
          .contains("reason=\"execve: No such file or directory\"");
    }
  }
}
