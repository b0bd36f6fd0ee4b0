// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both apps with the certificates of an operator in a home lab. */
class TlsIT {

  private static final int BLOCK = 2_500;
  private static final String PAGE = "docs/tls.md";

  /** X25519MLKEM768 and X25519. */
  private static final int HYBRID = 0x11EC;

  private static final int X25519 = 0x1D;
  private static final int TLS_1_3 = 0x304;

  @TempDir Path directory;

  private Path home;
  private Path elsewhere;

  @BeforeEach
  void makeCertificates() throws Exception {
    home = directory.resolve("home");
    elsewhere = directory.resolve("elsewhere");
    Certificates.make(home, "127.0.0.1 localhost", "web-1", "web-2");
  }

  private AppProcess server(String... more) {
    List<String> properties = new ArrayList<>(List.of(more));
    properties.add("--netrng.server.source.devices=/dev/urandom");
    properties.add("--netrng.server.tls.bundle=netrng");
    return AppProcess.server(
        Certificates.bundle(home, "server", properties.toArray(String[]::new)));
  }

  /**
   * Starts a server that handles SIGHUP. Under nohup, the test and its child processes ignore it.
   */
  private AppProcess serverThatReloads(String... more) {
    List<String> properties = new ArrayList<>(List.of(more));
    properties.add("--netrng.server.port=0");
    properties.add("--netrng.server.source.devices=/dev/urandom");
    properties.add("--netrng.server.tls.bundle=netrng");
    AppProcess server =
        AppProcess.start(
            List.of("env", "--default-signal=HUP"),
            "server",
            Certificates.bundle(home, "server", properties.toArray(String[]::new)));
    server.awaitLog(": Started Netrng");
    server.awaitHealth("/actuator/health/readiness", 200);
    return server;
  }

  private static AppProcess client(AppProcess server, String host, String... bundle) {
    List<String> properties = new ArrayList<>(List.of(bundle));
    properties.add("--netrng.client.servers=" + host + ":" + server.streamPort());
    properties.add("--netrng.client.tls.bundle=netrng");
    return AppProcess.client(properties.toArray(String[]::new));
  }

  private AppProcess client(AppProcess server, String name) {
    return client(server, "127.0.0.1", Certificates.bundle(home, name));
  }

  @Test
  void entropyFlowsThroughMutualTls() {
    try (AppProcess server = server("--netrng.server.bind-address=0.0.0.0");
        AppProcess client = client(server, "localhost", Certificates.bundle(home, "web-1"))) {
      client.awaitMetric("netrng_rngd_consumed_bytes_total", 2 * BLOCK);
      assertThat(server.log()).contains("identity=\"web-1\"").doesNotContain("WARN");
      assertThat(client.log()).doesNotContain("WARN");
      // and both sides report what they negotiated
      String keys =
          "tls-version=\"TLSv1.3\" cipher-suite=\"TLS_AES_\\w+\" group=\"X25519MLKEM768\"";
      assertThat(server.log()).containsPattern("client connected .*" + keys);
      String cipher = server.log().replaceAll("(?s).* cipher-suite=\"TLS_(\\w+)_SHA\\d+\".*", "$1");
      String labels =
          "{cipher=\"%s\",group=\"X25519MLKEM768\",version=\"TLSv1.3\"}".formatted(cipher);
      assertThat(server.metric("netrng_tls_sessions_total" + labels)).isOne();
      assertThat(server.metric("netrng_tls_sessions_total")).isOne();
      assertThat(server.get("/api/v1/clients").body())
          .containsPattern("\"tls\":\\{\"version\":\"TLSv1.3\",.*\"group\":\"X25519MLKEM768\"}");
      assertThat(client.log()).containsPattern("admitted by server .*" + keys);
      assertThat(client.metric("netrng_stream_tls" + labels)).isOne();
      assertThat(client.metric("netrng_stream_tls")).isOne();
      assertThat(client.get("/actuator/health").body())
          .contains("\"tlsVersion\":\"TLSv1.3\"", "\"group\":\"X25519MLKEM768\"");
    }
  }

  @Test
  void propertiesPrintedByTheCertificateScriptConfigureBothApps() throws Exception {
    // given
    String printed = Certificates.make(home, "127.0.0.1", "web-1");
    List<String> lines = printed.lines().map(String::strip).filter(l -> l.contains("=")).toList();
    int client = lines.indexOf("netrng.client.servers=127.0.0.1:8989");
    Path servers = Files.createDirectory(directory.resolve("server"));
    Path clients = Files.createDirectory(directory.resolve("client"));
    Files.write(servers.resolve("application.properties"), lines.subList(0, client));
    Files.write(clients.resolve("application.properties"), lines.subList(client, lines.size()));

    // when
    try (AppProcess server =
            AppProcess.server(
                "--spring.config.additional-location=file:" + servers + "/",
                "--netrng.server.source.devices=/dev/urandom");
        AppProcess web =
            AppProcess.client(
                "--spring.config.additional-location=file:" + clients + "/",
                "--netrng.client.servers=127.0.0.1:" + server.streamPort())) {

      // then
      web.awaitMetric("netrng_received_bytes_total", BLOCK);
    }
  }

  @Test
  void clientsWithoutATrustedCertificateAreRefusedWithAReason() throws Exception {
    Certificates.make(elsewhere, "127.0.0.1", "web-1");
    String foreign = "file:" + elsewhere.resolve("web-1");
    try (AppProcess server = server();
        AppProcess without =
            client(
                server,
                "127.0.0.1",
                "--spring.ssl.bundle.pem.netrng.truststore.certificate=file:"
                    + home.resolve("ca.crt"));
        AppProcess another =
            client(
                server,
                "127.0.0.1",
                "--spring.ssl.bundle.pem.netrng.truststore.certificate=file:"
                    + home.resolve("ca.crt"),
                "--spring.ssl.bundle.pem.netrng.keystore.certificate=" + foreign + ".crt",
                "--spring.ssl.bundle.pem.netrng.keystore.private-key=" + foreign + ".key")) {
      without.awaitLog("reason=\"no-tls\"");
      another.awaitLog("reason=\"no-tls\"");
      server.awaitLog("TLS handshake failed");
      awaitReason(without, "no-tls");
      assertThat(server.metric("netrng_clients_connected")).isZero();
      assertThat(server.metric("netrng_delivered_bytes_total")).isZero();
    }
  }

  /** Waits for the reason of the last failure. Health contains it only between two attempts. */
  private static void awaitReason(AppProcess client, String reason) {
    await("health names the reason")
        .atMost(AppProcess.PATIENCE)
        .untilAsserted(() -> assertThat(client.get("/actuator/health").body()).contains(reason));
  }

  @Test
  void clientsRejectAServerWithTheWrongNameOrAnUntrustedCertificate() throws Exception {
    Certificates.make(elsewhere, "rng.example.org", "web-1");
    try (AppProcess server =
            AppProcess.server(
                Certificates.bundle(
                    elsewhere,
                    "server",
                    "--netrng.server.source.devices=/dev/urandom",
                    "--netrng.server.tls.bundle=netrng"));
        AppProcess client = client(server, "127.0.0.1", Certificates.bundle(elsewhere, "web-1"));
        AppProcess untrusted = client(server, "127.0.0.1", Certificates.bundle(home, "web-1"))) {
      client.awaitLog("No subject alternative names matching IP address 127.0.0.1");
      untrusted.awaitLog("the other side is not trusted");
      awaitReason(client, "no-tls");
      assertThat(server.metric("netrng_clients_connected")).isZero();
    }
  }

  @Test
  void clientsDeniedByNameOrFingerprintAreRefusedAndOthersAreServed() throws Exception {
    String fingerprint =
        Machine.run(
            List.of(
                "openssl",
                "x509",
                "-noout",
                "-fingerprint",
                "-sha256",
                "-in",
                home.resolve("web-2.crt").toString()));
    Certificates.make(home, "127.0.0.1 localhost", "web-3");
    String sha256 = fingerprint.strip().substring(fingerprint.indexOf('=') + 1);
    try (AppProcess server =
            server("--netrng.server.denied[0]=web-1", "--netrng.server.denied[1]=" + sha256);
        AppProcess byName = client(server, "web-1");
        AppProcess byFingerprint = client(server, "web-2");
        AppProcess welcome = client(server, "web-3")) {
      byName.awaitLog("not-authorised: web-1 is denied: netrng.server.denied");
      byFingerprint.awaitLog("not-authorised: the certificate of web-2 with the fingerprint");
      welcome.awaitMetric("netrng_received_bytes_total", BLOCK);
      assertThat(server.metric("netrng_clients_connected")).isEqualTo(1);
    }
  }

  @Test
  void replacedCertificatesApplyToNewConnectionsAndSessionsContinue() throws Exception {
    try (AppProcess server = server();
        AppProcess client = client(server, "web-1")) {
      // given
      client.awaitMetric("netrng_received_bytes_total", BLOCK);
      String session = sessionOf(client);
      String expiry = expiryOf(server);

      // when another authority replaces the first
      Certificates.make(elsewhere, "127.0.0.1", "web-4");
      for (String file : List.of("server.key", "server.crt", "ca.crt")) {
        Files.copy(elsewhere.resolve(file), directory.resolve("next"));
        Machine.run(
            List.of("mv", directory.resolve("next").toString(), home.resolve(file).toString()));
      }

      // then the server admits a client of the new authority
      server.awaitLog("new certificates apply to new connections");
      try (AppProcess next = client(server, "127.0.0.1", Certificates.bundle(elsewhere, "web-4"))) {
        next.awaitMetric("netrng_received_bytes_total", BLOCK);
      }
      // and the connected client keeps its session
      double received = client.metric("netrng_received_bytes_total");
      client.awaitMetric("netrng_received_bytes_total", received + BLOCK);
      assertThat(sessionOf(client)).isEqualTo(session);
      assertThat(client.log()).doesNotContain("stream from server failed");
      // and the metric contains the expiry of the new certificate
      assertThat(expiryOf(server)).isNotEqualTo(expiry);
    }
  }

  @Test
  void denialsAndPoliciesAreReloadedWhileTheServerRuns() throws Exception {
    // given
    Path file = directory.resolve("application.properties");
    Files.writeString(file, "");
    try (AppProcess server =
            serverThatReloads("--spring.config.additional-location=file:" + directory + "/");
        AppProcess client = client(server, "web-1");
        AppProcess other = client(server, "web-2")) {
      client.awaitMetric("netrng_received_bytes_total", BLOCK);
      other.awaitMetric("netrng_received_bytes_total", BLOCK);

      // when
      Files.writeString(file, "netrng.server.denied=web-1\n");

      // then
      client.awaitLog("not-authorised: web-1 is denied: netrng.server.denied");
      assertThat(server.metric("netrng_clients_connected")).isEqualTo(1);

      // and when
      Files.writeString(file, "netrng.server.denied=web 1\n");
      server.awaitLog("changed configuration is invalid and ignored");
      Files.writeString(file, "netrng.server.clients[0].name=web-1\n");
      Machine.signal("HUP", server.handle());

      // then
      server.awaitLog("new policies apply");
      server.awaitLog("new certificates apply to new connections");
      try (AppProcess again = client(server, "web-1")) {
        again.awaitMetric("netrng_received_bytes_total", BLOCK);
      }
      assertThat(other.log()).doesNotContain("stream from server failed");
    }
  }

  @Test
  void aClientReloadsItsCertificatesOnSighupAndKeepsItsSession() throws Exception {
    // given
    try (AppProcess server = server();
        AppProcess client =
            AppProcess.start(
                List.of("env", "--default-signal=HUP"),
                "client",
                Certificates.bundle(
                    home,
                    "web-1",
                    "--netrng.client.servers=127.0.0.1:" + server.streamPort(),
                    "--netrng.client.tls.bundle=netrng"))) {
      client.awaitLog(": Started Netrng");
      client.awaitMetric("netrng_received_bytes_total", BLOCK);

      // when
      Machine.signal("HUP", client.handle());

      // then
      client.awaitLog("SIGHUP received, reloading");
      client.awaitLog("new certificates apply to new connections");
      double received = client.metric("netrng_received_bytes_total");
      client.awaitMetric("netrng_received_bytes_total", received + BLOCK);
      assertThat(client.log()).doesNotContain("stream from server failed");
    }
  }

  /** Returns the property of one app in the documentation's example, as an argument. */
  private static String hybridRequired(String app) throws IOException {
    return Blocks.tested("key exchange", PAGE)
        .lines()
        .filter(line -> line.startsWith("netrng." + app))
        .map(line -> "--" + line)
        .findFirst()
        .orElseThrow();
  }

  /** An attacker between client and server cannot make them use what both would replace. */
  @ParameterizedTest
  @CsvSource({
    "WITHOUT_HYBRID_GROUP, false",
    "WITHOUT_HYBRID_GROUP, true",
    "WITHOUT_TLS_1_3, false",
    "WITHOUT_TLS_1_3, true"
  })
  void aChangedHelloEndsTheHandshake(HelloRecorder.Attack attack, boolean required)
      throws Exception {
    try (AppProcess server = server();
        HelloRecorder attacker = new HelloRecorder(server.streamPort(), attack);
        AppProcess client =
            AppProcess.client(
                Certificates.bundle(
                    home,
                    "web-1",
                    "--netrng.client.servers=127.0.0.1:" + attacker.port(),
                    "--netrng.client.tls.bundle=netrng",
                    required
                        ? hybridRequired("client")
                        : "--netrng.client.tls.key-exchange=hybrid-preferred"))) {
      client.awaitLog("reason=\"no-tls\"");
      assertThat(client.metric("netrng_received_bytes_total")).isZero();
      assertThat(client.log()).doesNotContain("admitted by server");
      assertThat(server.log()).doesNotContain("client connected");
    }
  }

  @Test
  void clientsPreferTheHybridGroupAndOfferNothingElseIfItIsRequired() throws Exception {
    try (AppProcess server = server(hybridRequired("server"));
        HelloRecorder recorder = new HelloRecorder(server.streamPort())) {
      String[] to = {
        "--netrng.client.servers=127.0.0.1:" + recorder.port(), "--netrng.client.tls.bundle=netrng"
      };
      // given a client with the default
      try (AppProcess preferred = AppProcess.client(Certificates.bundle(home, "web-1", to))) {
        preferred.awaitMetric("netrng_received_bytes_total", BLOCK);
        assertThat(recorder.hellos())
            .allSatisfy(hello -> {
              assertThat(hello.keyShares()).startsWith(HYBRID);
              assertThat(hello.groups()).contains(HYBRID, X25519);
              assertThat(hello.versions()).hasSizeGreaterThan(1);
            });
      }
      int before = recorder.hellos().size();

      // when a client requires the group
      List<String> required = new ArrayList<>(List.of(to));
      required.add(hybridRequired("client"));
      try (AppProcess client =
          AppProcess.client(Certificates.bundle(home, "web-2", required.toArray(String[]::new)))) {

        // then it leaves nothing to which a connection can be downgraded
        client.awaitMetric("netrng_received_bytes_total", BLOCK);
        assertThat(recorder.hellos().subList(before, recorder.hellos().size()))
            .isNotEmpty()
            .allSatisfy(hello -> {
              assertThat(hello.keyShares()).containsExactly(HYBRID);
              assertThat(hello.groups()).containsExactly(HYBRID);
              assertThat(hello.versions()).containsExactly(TLS_1_3);
            });
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_3", "-tls1_2"})
  void clientsThatRequireTheHybridGroupRefuseAServerWithoutIt(String version) throws Exception {
    // given a server that has only X25519
    Path log = directory.resolve("s_server");
    Process server =
        new ProcessBuilder(
                "openssl",
                "s_server",
                version,
                "-accept",
                "127.0.0.1:0",
                "-groups",
                "X25519",
                "-cert",
                home.resolve("server.crt").toString(),
                "-key",
                home.resolve("server.key").toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      String address =
          await("openssl listens")
              .atMost(AppProcess.PATIENCE)
              .until(
                  () -> Files.readString(log).replaceAll("(?s).*ACCEPT (\\S+:\\d+)\n.*", "$1"),
                  found -> found.startsWith("127.0.0.1:"));
      String[] to = {"--netrng.client.servers=" + address, "--netrng.client.tls.bundle=netrng"};
      // and it completes the handshake of a client with the default; it serves one at a time
      try (AppProcess _ = AppProcess.client(Certificates.bundle(home, "web-2", to))) {
        await("openssl prints the cipher suite")
            .atMost(AppProcess.PATIENCE)
            .untilAsserted(() -> assertThat(log).content().contains("CIPHER is"));
      }

      // when
      List<String> required = new ArrayList<>(List.of(to));
      required.add(hybridRequired("client"));
      try (AppProcess client =
          AppProcess.client(Certificates.bundle(home, "web-1", required.toArray(String[]::new)))) {

        // then
        client.awaitMetric("netrng_stream_failures_total{reason=\"no-tls\"}", 1);
        assertThat(client.log()).containsPattern("reason=\"no-tls\" detail=\"[^\"]*_ALERT_");
      }
    } finally {
      Machine.kill(List.of(server));
    }
  }

  @Test
  void serversThatRequireTheHybridGroupRefuseOthersAlsoAfterAReload() throws Exception {
    try (AppProcess server = serverThatReloads(hybridRequired("server"))) {
      assertRefusesX25519(server, 1);

      // when
      Machine.signal("HUP", server.handle());
      server.awaitLog("new certificates apply to new connections");

      // then
      assertRefusesX25519(server, 2);
      assertThat(server.log()).contains("reason=\"NO_SHARED_GROUP\"");
    }
  }

  private void assertRefusesX25519(AppProcess server, int failures) {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() ->
            Machine.run(
                List.of(
                    "sh",
                    "-c",
                    "openssl s_client -groups X25519 -connect %s -cert %s.crt -key %2$s.key 2>&1 </dev/null"
                        .formatted(server.address(), home.resolve("web-1")))))
        .withMessageContaining("alert handshake failure");
    server.awaitMetric("netrng_handshakes_failed_total", failures);
  }

  @Test
  void unusableCertificateFilesStopTheStartWithAnError() throws Exception {
    Path broken = Files.writeString(directory.resolve("broken.crt"), "this is no certificate");
    for (Path certificate : List.of(broken, directory.resolve("none.crt"))) {
      try (AppProcess server =
          AppProcess.start(
              List.of(),
              "server",
              Certificates.bundle(
                  home,
                  "server",
                  "--netrng.server.tls.bundle=netrng",
                  "--netrng.server.source.devices=/dev/urandom",
                  "--spring.ssl.bundle.pem.netrng.keystore.certificate=file:" + certificate))) {
        assertThat(server.exitCode()).isNotZero();
        assertThat(server.log())
            .doesNotContain("\tat ")
            .contains("spring.ssl.bundle cannot be used: ");
      }
    }
  }

  /** Returns the series with the serial number of the server's only certificate. */
  private static String expiryOf(AppProcess server) {
    List<String> series =
        server
            .get("/actuator/prometheus")
            .body()
            .lines()
            .filter(l -> l.startsWith("ssl_chain_expiry_seconds{") && l.contains("\"keystore\""))
            .map(l -> l.substring(0, l.indexOf('}')))
            .toList();
    assertThat(series).hasSize(1);
    return series.getFirst();
  }

  private static String sessionOf(AppProcess client) throws IOException {
    return await("the client connects to the server")
        .atMost(AppProcess.PATIENCE)
        .until(() -> client.get("/actuator/health").body(), body -> body.contains("\"session\":\""))
        .replaceAll("(?s).*\"session\":\"(\\d+)\".*", "$1");
  }
}
