// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.testkit.RawClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/configuration.md: three equivalent ways to configure the server. */
class ConfigurationExamplesIT {

  private static final String PAGE = "docs/configuration.md";
  private static final String START = "\nexec java -jar netrng-server-app.jar";
  private static final String PORT = "18989";

  @TempDir private Path dir;

  @Test
  void theApplicationPropertiesExampleConfiguresTheServer() throws Exception {
    String example = Blocks.tested("application.properties", PAGE);
    says("cat >application.properties <<'FILE'\n" + example + "FILE" + START);
  }

  @Test
  void theEnvironmentExampleConfiguresTheServer() throws Exception {
    says("set -a\n" + Blocks.tested("environment", PAGE) + "set +a" + START);
  }

  @Test
  void theConfigTreeExampleConfiguresTheServer() throws Exception {
    says(Blocks.tested("config tree", PAGE).replace("\njava ", "\nexec java "));
  }

  private void says(String script) throws Exception {
    // given
    int port = Machine.freePort();
    Files.createSymbolicLink(
        dir.resolve("netrng-server-app.jar"),
        Path.of("../netrng-server-app/target/netrng-server-app.jar").toRealPath());
    Path log = dir.resolve("log");

    // when
    Process server = start(script.replace(PORT, Integer.toString(port)), log);
    try {
      await("the server has entropy to send")
          .atMost(AppProcess.PATIENCE)
          .failFast(
              "the server exited",
              () -> assertThat(server.isAlive()).as(Files.readString(log)).isTrue())
          .untilAsserted(() ->
              assertThat(log).content().contains("Started Netrng", "passed its start-up test"));

      // then each property has its effect
      assertThat(log).content().contains("sample-size=\"512\"");
      assertThat(Machine.warnings(Files.readString(log))).isEmpty();
      try (RawClient one = new RawClient(port);
          RawClient two = new RawClient(port);
          RawClient three = new RawClient(port);
          RawClient lost = new RawClient(port)) {
        assertThat(one.join("db-1").guarantee()).isEqualTo(1024);
        assertThat(two.join("db-1").guarantee()).isEqualTo(1024);
        for (RawClient refused : List.of(three, lost)) {
          String name = refused == lost ? "lost-2" : "db-1";
          assertThat(isLetIn(refused, name)).as("%s is admitted", name).isFalse();
        }
      }
      await("the log contains both refusals")
          .atMost(AppProcess.PATIENCE)
          .untilAsserted(() ->
              assertThat(log)
                  .content()
                  .contains("lost-2 is denied", "reason=\"too-many-connections\""));
    } finally {
      server.destroy();
      assertThat(server.waitFor(AppProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  private static boolean isLetIn(RawClient client, String label) {
    try {
      client.join(label);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private Process start(String script, Path log) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-ec", script)
            .directory(dir.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    String java = System.getProperty("java.home");
    builder.environment().merge("PATH", java + "/bin", (path, bin) -> bin + ":" + path);
    builder.environment().put("SERVER_PORT", "0");
    builder.environment().put("NETRNG_SERVER_SOURCE_DEVICES", "/dev/urandom");
    builder.environment().put("NETRNG_SERVER_CAPACITY", "1MB/s");
    builder.environment().put("NETRNG_SERVER_ADMIN_TOKENFILE", dir.resolve("token").toString());
    return builder.start();
  }
}
