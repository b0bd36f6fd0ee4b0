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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What docs/install.md says of a second machine with jars, typed as it stands there. The machines
 * are two network namespaces with the addresses of the page and a cable between them; what is
 * installed and copied there is at hand here.
 */
class SecondMachineJarsIT {

  private static final String PAGE = "docs/install.md";

  /** Nothing is built, installed or sent over SSH. */
  private static final Map<String, String> REPLACED =
      Map.of("mvn", ":", "apt-get", ":", "scp", "cp \"${@:1:$#-1}\" \"$CLIENT_HOME\"");

  @TempDir private Path dir;

  private final String suffix = Long.toString(ProcessHandle.current().pid());
  private final List<Process> running = new ArrayList<>();

  @BeforeEach
  void twoMachines() throws Exception {
    machine("server");
    machine("client");
    run("ip", "link", "add", cable("server"), "type", "veth", "peer", "name", cable("client"));
    connect("server", "192.0.2.10");
    connect("client", "192.0.2.21");
    Path programs = Files.createDirectory(dir.resolve("bin"));
    for (Map.Entry<String, String> program : REPLACED.entrySet()) {
      Path file = programs.resolve(program.getKey());
      Files.writeString(file, "#!/bin/bash\n" + program.getValue() + "\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    for (String part : List.of("Makefile", "scripts", "netrng-server-app", "netrng-client-app")) {
      Files.createSymbolicLink(
          dir.resolve("server").resolve(part), Path.of("..", part).toRealPath());
    }
  }

  @AfterEach
  void gone() throws Exception {
    for (Process process : running) {
      Stream.concat(process.descendants(), Stream.of(process.toHandle()))
          .toList()
          .forEach(ProcessHandle::destroy);
      assertThat(process.waitFor(AppProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
    // The cable goes with the first of them.
    run("ip", "netns", "delete", namespace("server"));
    run("ip", "netns", "delete", namespace("client"));
  }

  @Test
  void theCommandsForJarsFeedTheKernelOfASecondMachine() throws Exception {
    // given
    List<String> blocks = Blocks.under("Jars", PAGE);
    assertThat(blocks).hasSize(4);

    // when
    Path server = begin("server", blocks.get(0));
    await("the server listens")
        .atMost(AppProcess.PATIENCE)
        .untilAsserted(() -> assertThat(server).content().contains("listening for clients"));
    Path copied = begin("server", blocks.get(1));
    assertThat(running.getLast().waitFor(AppProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .isTrue();
    assertThat(running.getLast().exitValue()).as(Files.readString(copied)).isZero();
    Path client = begin("client", blocks.get(2));

    // then
    await("the second machine is fed")
        .atMost(AppProcess.PATIENCE)
        .untilAsserted(() ->
            assertThat(seen(blocks.get(3)))
                .as(() -> text(server) + text(client))
                .contains("\"status\":\"UP\"")
                .containsPattern("netrng_rngd_consumed_bytes_total [1-9]"));
    assertThat(client)
        .content()
        .contains("server=\"192.0.2.10:8989\"")
        .doesNotContain("WARN", "ERROR");
    assertThat(server).content().contains("identity=\"web-1\"", "address=\"192.0.2.21:");
  }

  /** What the reader sees, whatever becomes of it. */
  private String seen(String block) throws IOException, InterruptedException {
    Path output = begin("client", block);
    assertThat(running.removeLast().waitFor(AppProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .isTrue();
    return Files.readString(output);
  }

  /** Types a block on a machine and returns where its output goes. */
  private Path begin(String machine, String block) throws IOException {
    Path output = dir.resolve("%s-%d.log".formatted(machine, System.nanoTime()));
    ProcessBuilder builder =
        new ProcessBuilder("ip", "netns", "exec", namespace(machine), "bash", "-ec", block)
            .directory(dir.resolve(machine).toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    Map<String, String> environment = builder.environment();
    String java = System.getProperty("java.home");
    environment.put("JAVA_HOME", java);
    environment.put(
        "PATH", "%s:%s/bin:%s".formatted(dir.resolve("bin"), java, environment.get("PATH")));
    environment.put("CLIENT_HOME", dir.resolve("client").toString());
    // The user keeps their own token, and may have no generator.
    if (machine.equals("server")) {
      environment.put("NETRNG_SERVER_ADMIN_TOKENFILE", dir.resolve("admin-token").toString());
      environment.put("NETRNG_SERVER_SOURCE_DEVICES", Machine.device());
    }
    running.add(builder.start());
    return output;
  }

  private void machine(String name) throws Exception {
    Files.createDirectory(dir.resolve(name));
    run("ip", "netns", "add", namespace(name));
    run("ip", "-n", namespace(name), "link", "set", "lo", "up");
  }

  private void connect(String name, String address) throws Exception {
    run("ip", "link", "set", cable(name), "netns", namespace(name));
    run("ip", "-n", namespace(name), "address", "add", address + "/24", "dev", cable(name));
    run("ip", "-n", namespace(name), "link", "set", cable(name), "up");
  }

  private String namespace(String machine) {
    return "netrng-%s-%s".formatted(machine, suffix);
  }

  private String cable(String machine) {
    return "nr%s%s".formatted(machine.charAt(0), suffix);
  }

  private static void run(String... command) throws Exception {
    Machine.run(List.of(command));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
