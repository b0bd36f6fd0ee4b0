// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The system's resolver resolves the names of servers, here with the test's own /etc/hosts. */
class ServerNamesIT {

  private static final String NAME = "rng.example.org";

  @TempDir private Path dir;

  private Path hosts() {
    return dir.resolve("hosts");
  }

  /** Starts a client in a mount namespace with the test's file as /etc/hosts. */
  private AppProcess client(int port) {
    AppProcess client =
        AppProcess.start(
            List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount --bind " + hosts() + " /etc/hosts && exec \"$@\"",
                "sh"),
            "client",
            "--netrng.client.allow-plaintext=true",
            "--netrng.client.servers=%s:%d".formatted(NAME, port));
    client.awaitStarted();
    return client;
  }

  @Test
  void theClientConnectsToTheNextAddressOfAServerNameAfterAFailure() throws IOException {
    // given two addresses without a listener before the server's address
    Files.writeString(
        hosts(), "::1 %s\n127.0.0.9 %s\n127.0.0.1 localhost %s\n".formatted(NAME, NAME, NAME));
    try (AppProcess server = AppProcess.server("--netrng.server.source.devices=/dev/urandom");
        AppProcess client = client(server.streamPort())) {
      client.awaitMetric("netrng_received_bytes_total", 2_500);
      assertThat(client.log())
          .contains("stream from an address of the server failed")
          .contains("address=\"127.0.0.1:%d\"".formatted(server.streamPort()))
          .doesNotContain("Sharable");
    }
  }

  @Test
  void aHostsFileChangeAppliesToTheNextConnectionAttempt() throws IOException {
    // given
    Files.writeString(hosts(), "127.0.0.1 localhost\n");
    try (AppProcess server = AppProcess.server("--netrng.server.source.devices=/dev/urandom");
        AppProcess client = client(server.streamPort())) {
      client.awaitLog("reason=\"unresolved\"");

      // when
      Files.writeString(hosts(), "127.0.0.1 localhost %s\n".formatted(NAME));

      // then
      client.awaitMetric("netrng_received_bytes_total", 2_500);
    }
  }
}
