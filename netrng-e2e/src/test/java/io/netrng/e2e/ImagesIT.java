// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The images, and their containers as docs/containers.md runs them. */
@ResourceLock(Images.STORAGE)
class ImagesIT {

  private static final String PAGE = "docs/containers.md";
  private static final int BLOCK = 2_500;
  private static final long MB = 1_000_000;

  /** The user ID in the server's image. No user of this machine has it. */
  private static final int USER = 65532;

  private static final String DEVICES = "--netrng.server.source.devices=" + Machine.device();

  private static Images images;

  @TempDir private Path dir;

  private final List<String> containers = new ArrayList<>();

  @BeforeAll
  static void built() throws Exception {
    images = Images.build();
  }

  @AfterEach
  void gone() throws Exception {
    for (String container : containers) {
      images.podman("rm", "--force", "--ignore", "--time", "5", container);
    }
  }

  @AfterAll
  static void closed() throws Exception {
    images.close();
  }

  @ParameterizedTest
  @CsvSource({"server,server", "client,client", "client-kernel,client"})
  void imagesAreAtMost280MbStartJavaWithoutAShellAndHaveOciLabels(String image, String app)
      throws Exception {
    assertThat(Long.parseLong(inspect(image, "{{.Size}}"))).isLessThanOrEqualTo(280 * MB);
    assertThat(inspect(image, "{{range .Config.Entrypoint}}{{.}} {{end}}"))
        .as("no shell runs between tini and Java")
        .startsWith("/usr/bin/tini -- /usr/lib/netrng-%s/runtime/bin/java @".formatted(app));
    assertThat(inspect(image, "{{json .Labels}}"))
        .contains(
            "\"org.opencontainers.image.title\":\"netrng-%s\"".formatted(image),
            "\"org.opencontainers.image.version\":\"%s\"".formatted(Images.version()),
            "\"org.opencontainers.image.licenses\":\"Apache-2.0\"")
        .containsPattern("image.revision\":\"([0-9a-f]{40}|unknown)\"");
  }

  @Test
  void theServerImageRunsAsADedicatedUnprivilegedUser() throws Exception {
    assertThat(inspect("server", "{{.Config.User}}")).isEqualTo(USER + ":" + USER);
  }

  @Test
  void onlyTheClientImageOfTheSinkRngdContainsRngd() throws Exception {
    for (String image : Images.ALL) {
      Path root = Path.of(images.podman("image", "mount", Images.of(image)).strip());
      String packages = Files.readString(root.resolve("var/lib/dpkg/status"));
      assertThat(packages).contains("Package: tini\n");
      boolean isExpected = image.equals("client");
      assertThat(packages.contains("Package: rng-tools")).as(image).isEqualTo(isExpected);
      assertThat(Files.exists(root.resolve("usr/sbin/rngd"))).as(image).isEqualTo(isExpected);
      images.podman("image", "unmount", Images.of(image));
    }
  }

  @Test
  void theClientImageWithoutRngdCreditsTheKernel() throws Exception {
    try (AppProcess server = AppProcess.server(DEVICES);
        AppProcess client =
            start(
                "client-kernel",
                List.of("--cap-drop", "ALL", "--cap-add", "SYS_ADMIN"),
                "--netrng.client.servers=" + server.address())) {
      client.awaitStarted();
      client.awaitMetric("netrng_kernel_credited_bits_total", 256);
      client.awaitMetric("netrng_kernel_reseeds_total", 2);
      client.awaitHealth("/actuator/health", 200);
      assertThat(client.get("/actuator/health").body())
          .contains("\"creditBitsPerByte\":8")
          .doesNotContain("rngd");
      assertThat(client.log()).contains("AOT-processed");
      assertThat(Machine.warnings(client.log())).isEmpty();
      Path process = process(containers.getFirst());
      assertThat(status(process, "CapBnd")).endsWith("0000000000200000");
      usesWhatIsInTheImage(process, "client");
      ProcessHandle java =
          ProcessHandle.of(Long.parseLong(process.getFileName().toString())).orElseThrow();
      assertThat(java.children()).isEmpty();

      // and tini forwards a hook's report of a restore
      Machine.signal("USR1", java.parent().orElseThrow());
      client.awaitLog("fresh entropy after a clone");
      assertThat(java.isAlive()).isTrue();
    }
  }

  @Test
  void theClientImageWithoutRngdRunsAsAnyUserWithoutACapabilityIfItCreditsNothing()
      throws Exception {
    try (AppProcess server = AppProcess.server(DEVICES);
        AppProcess client =
            start(
                "client-kernel",
                List.of(
                    "--cap-drop",
                    "ALL",
                    "--user",
                    "" + USER,
                    "--env",
                    "NETRNG_CLIENT_KERNEL_CREDITBITSPERBYTE=0"),
                "--netrng.client.servers=" + server.address())) {
      client.awaitStarted();
      client.awaitMetric("netrng_kernel_fed_bytes_total", 64);
      client.awaitHealth("/actuator/health", 200);
      assertThat(client.metric("netrng_kernel_credited_bits_total")).isZero();
      Path process = process(containers.getFirst());
      assertThat(status(process, "Uid")).contains("" + USER).doesNotContain("\t0");
      assertThat(status(process, "CapBnd")).endsWith("0000000000000000");
    }
  }

  @Test
  void containersFeedTheKernelWithMinimalCapabilities() throws Exception {
    // given a device that the server's user can read, as with a udev rule
    Path device = dir.resolve("hwrng");
    Machine.run(List.of("cp", "--archive", Machine.device(), device.toString()));
    Machine.run(List.of("chown", "0:" + USER, device.toString()));
    Machine.run(List.of("chmod", "0640", device.toString()));
    Path file = Files.writeString(dir.resolve("server.properties"), "netrng.server.port=0\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    // when
    try (AppProcess server =
        start(
            "server",
            List.of(
                "--device", device + ":/dev/hwrng",
                "--cap-drop", "ALL",
                "--volume", file + ":/etc/netrng/server.properties:ro"))) {
      server.awaitStarted();
      server.awaitHealth("/actuator/health/readiness", 200);
      try (AppProcess client =
          start(
              "client",
              List.of("--cap-drop", "ALL", "--cap-add", "SYS_ADMIN"),
              "--netrng.client.servers=" + server.address())) {
        client.awaitStarted();
        client.awaitHealth("/actuator/health/readiness", 200);
        client.awaitMetric("netrng_rngd_consumed_bytes_total", 4 * BLOCK);

        // then
        for (AppProcess app : List.of(server, client)) {
          assertThat(app.log()).contains("AOT-processed");
          assertThat(Machine.warnings(app.log())).isEmpty();
        }
        Path serverProcess = process(containers.getFirst());
        Path clientProcess = process(containers.getLast());
        assertThat(status(serverProcess, "Uid")).contains("" + USER).doesNotContain("\t0");
        assertThat(status(serverProcess, "CapBnd")).endsWith("0000000000000000");
        assertThat(status(clientProcess, "CapBnd")).endsWith("0000000000200000");
        usesWhatIsInTheImage(serverProcess, "server");
        usesWhatIsInTheImage(clientProcess, "client");
        assertThat(images.podman("exec", containers.getFirst(), "ls", "/tmp/.netrng"))
            .isEqualTo("admin-token\n");
        assertThat(images.podman("exec", containers.getFirst(), "/sbin/ldconfig", "-p"))
            .contains("libcrypto.so.3 ");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void documentedRunCommandsStartReadyServerAndClientContainers(int client) throws Exception {
    // given the ports of the page, which other processes of this machine may use
    String namespace = "netrng-images-" + ProcessHandle.current().pid();
    Machine.run(List.of("ip", "netns", "add", namespace));
    containers.addAll(List.of("netrng-server", "netrng-client"));
    try {
      Machine.run(List.of("ip", "-n", namespace, "link", "set", "lo", "up"));

      // when
      List<String> blocks = Blocks.under("Run", PAGE);
      assertThat(blocks).hasSize(4);
      type(namespace, blocks.get(0));
      assertThat(blocks.get(client)).contains("--name netrng-client ");
      type(namespace, blocks.get(client));

      // then
      await("both apps are ready")
          .atMost(AppProcess.PATIENCE)
          .ignoreExceptionsInstanceOf(IOException.class)
          .untilAsserted(() ->
              assertThat(type(namespace, blocks.get(2)))
                  .containsPattern("(?s)\"status\":\"UP\".*\"status\":\"UP\""));
    } finally {
      for (String container : containers) {
        images.podman("rm", "--force", "--ignore", "--time", "5", container);
      }
      Machine.run(List.of("ip", "netns", "delete", namespace));
    }
  }

  @Test
  void anInvalidConfigTreeValueStopsTheStartWithAnError() throws Exception {
    Path tree = Files.createDirectory(dir.resolve("secrets"));
    Files.writeString(tree.resolve("netrng.server.default-guarantee"), "64");
    Machine.run(List.of("chmod", "-R", "a+rX", dir.toString()));
    try (AppProcess server =
        start("server", List.of("--volume", tree + ":/etc/netrng/secrets:ro"))) {
      assertThat(server.exitCode()).isEqualTo(1);
      assertThat(server.log())
          .contains("netrng.server.default-guarantee = 64 is not possible")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void theInitProcessReapsOrphansForwardsSignalsAndReturnsJavasExitCode() throws Exception {
    try (AppProcess client =
        start(
            "client",
            List.of("--cap-drop", "ALL", "--cap-add", "SYS_ADMIN"),
            "--netrng.client.servers=127.0.0.1:1")) {
      client.awaitStarted();
      String container = containers.getFirst();

      // when the parent of a process exits
      String orphan =
          images.podman("exec", container, "sh", "-c", "sleep 1 >/dev/null 2>&1 & echo $!").strip();

      // then
      await("tini reaps the orphan")
          .atMost(AppProcess.PATIENCE)
          .ignoreExceptionsInstanceOf(IOException.class)
          .untilAsserted(
              () -> images.podman("exec", container, "test", "!", "-e", "/proc/" + orphan));

      // and when
      images.podman("kill", "--signal", "HUP", container);
      await("the client reloads").until(() -> client.log().contains("SIGHUP received, reloading"));
      images.podman("kill", "--signal", "TERM", container);

      // then
      assertThat(client.exitCode()).isEqualTo(143);
      assertThat(client.log()).contains("rngd stopped");
    }
  }

  /** Starts a container with a read-only root and a free HTTP port. */
  private AppProcess start(String image, List<String> options, String... arguments)
      throws IOException {
    String name = "netrng-%s-%d".formatted(image, containers.size());
    containers.add(name);
    List<String> command =
        new ArrayList<>(List.of("podman", "run", "--name", name, "--network", "host"));
    command.addAll(List.of("--read-only", "--read-only-tmpfs=false", "--tmpfs", "/tmp"));
    command.addAll(options);
    command.addAll(List.of(Images.of(image), "--server.port=0"));
    command.addAll(List.of(arguments));
    return AppProcess.run(image, command, images.environment());
  }

  /**
   * The process has mapped the AOT cache and Netty's native transport of the image, and no file of
   * /tmp, which is noexec.
   */
  private static void usesWhatIsInTheImage(Path process, String app) throws IOException {
    try (Stream<String> maps = Files.lines(process.resolve("maps"))) {
      assertThat(maps)
          .anyMatch(line -> line.endsWith("/usr/lib/netrng-%1$s/netrng-%1$s.aot".formatted(app)))
          .anyMatch(line ->
              line.contains(
                  "/usr/lib/netrng-%s/native/libnetty_transport_native_epoll".formatted(app)))
          .noneMatch(line -> line.contains(" /tmp/"));
    }
  }

  private static String status(Path process, String field) throws IOException {
    try (Stream<String> lines = Files.lines(process.resolve("status"))) {
      return lines.filter(line -> line.startsWith(field + ":")).findFirst().orElseThrow();
    }
  }

  /** Returns Java's process, the only child of the container's first process. */
  private static Path process(String container) throws IOException, InterruptedException {
    String first = images.podman("inspect", "--format", "{{.State.Pid}}", container).strip();
    Path children = Path.of("/proc", first, "task", first, "children");
    return Path.of("/proc", Files.readString(children).strip());
  }

  private static String inspect(String image, String format)
      throws IOException, InterruptedException {
    return images.podman("image", "inspect", "--format", format, Images.of(image)).strip();
  }

  /** Runs a code block in a network namespace with free ports. */
  private static String type(String namespace, String block)
      throws IOException, InterruptedException {
    String here =
        block
            .replace(":VERSION", ":" + Images.version())
            .replace("--device /dev/hwrng", "--device " + Machine.device() + ":/dev/hwrng");
    return images.run(
        List.of("timeout", "60", "nsenter", "--net=/run/netns/" + namespace, "bash", "-ec", here));
  }
}
