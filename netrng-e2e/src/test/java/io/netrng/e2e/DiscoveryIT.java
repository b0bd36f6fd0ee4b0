// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static io.netrng.e2e.NameServer.SERVICE;
import static io.netrng.e2e.NameServer.noService;
import static io.netrng.e2e.NameServer.srv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client that finds its servers by SRV records of a real name server, over TLS. */
class DiscoveryIT {

  private static final int BLOCK = 2_500;

  @TempDir private Path directory;

  private Path certificates;

  @BeforeEach
  void makeCertificates() throws Exception {
    certificates = directory.resolve("certificates");
    Certificates.make(certificates, "example.org", "web-1");
  }

  private AppProcess server(int port) {
    return server("server", port);
  }

  private AppProcess server(String certificate, int port) {
    return AppProcess.server(
        port,
        Certificates.bundle(
            certificates,
            certificate,
            "--netrng.server.source.devices=/dev/urandom",
            "--netrng.server.tls.bundle=netrng"));
  }

  private AppProcess server() {
    return server(0);
  }

  private AppProcess client(NameServer names, String servers, String... more) {
    AppProcess client =
        AppProcess.start(
            names.prefix(),
            "client",
            Certificates.bundle(
                certificates,
                "web-1",
                Stream.concat(
                        Stream.of(
                            "--netrng.client.servers=" + servers,
                            "--netrng.client.tls.bundle=netrng"),
                        Stream.of(more))
                    .toArray(String[]::new)));
    client.awaitStarted();
    return client;
  }

  private AppProcess client(NameServer names) {
    return client(names, "srv:" + SERVICE);
  }

  private static void awaitStream(AppProcess client, String state) {
    await("health of the stream contains " + state)
        .atMost(AppProcess.PATIENCE)
        .until(() -> client.get("/actuator/health/stream").body().contains(state));
  }

  @Test
  void theClientUsesTheServerOfTheLowestPriorityAndThenTheOther() throws Exception {
    // given
    try (AppProcess preferred = server();
        AppProcess other = server();
        NameServer names =
            new NameServer(
                directory,
                srv("rng-2.example.org", other.streamPort(), 20),
                srv("rng-1.example.org", preferred.streamPort(), 10));
        AppProcess client = client(names)) {
      client.awaitMetric("netrng_rngd_consumed_bytes_total", BLOCK);
      String first = "rng-1.example.org:" + preferred.streamPort();
      String second = "rng-2.example.org:" + other.streamPort();
      assertThat(client.log())
          .contains(
              "servers found source=\"srv:%s\" servers=\"[%s, %s]\" certificate-name=\"example.org\""
                  .formatted(SERVICE, first, second))
          .doesNotContain("WARN");
      assertThat(preferred.metric("netrng_clients_connected")).isEqualTo(1);
      assertThat(client.metric(state(first, "streaming"))).isEqualTo(1);
      assertThat(client.metric(state(second, "standby"))).isEqualTo(1);

      // when
      preferred.kill();

      // then
      other.awaitMetric("netrng_clients_connected", 1);
      awaitStream(client, "\"server\":\"%s\"".formatted(second));
    }
  }

  private static String state(String server, String state) {
    return "netrng_server_state{server=\"%s\",state=\"%s\"}".formatted(server, state);
  }

  @Test
  void aChangedAnswerAppliesToTheNextConnectionAndToTheMetrics() throws Exception {
    // given
    try (AppProcess before = server();
        AppProcess then = server();
        NameServer names =
            new NameServer(directory, srv("rng-1.example.org", before.streamPort(), 1));
        AppProcess client = client(names)) {
      client.awaitMetric("netrng_received_bytes_total", BLOCK);

      // when
      names.replace(srv("rng-2.example.org", then.streamPort(), 1));

      // then
      String second = "rng-2.example.org:" + then.streamPort();
      client.awaitLog("servers=\"[%s]\"".formatted(second));
      assertThat(client.log()).doesNotContain("stream from server failed");
      assertThat(before.metric("netrng_clients_connected")).isEqualTo(1);
      assertThat(client.get("/actuator/prometheus").body())
          .contains(state(second, "standby") + " 1.0")
          .doesNotContain("netrng_server_state{server=\"rng-1.example.org");

      // and when
      before.stop();

      // then
      then.awaitMetric("netrng_clients_connected", 1);
    }
  }

  @Test
  void aClientWithoutServersWaitsWithTheReasonAndStreamsOnceThereAreServers() throws Exception {
    // given
    try (AppProcess server = server();
        NameServer names = new NameServer(directory);
        AppProcess client = client(names)) {
      awaitStream(client, "srv:" + SERVICE + ": no such name");

      // when
      names.replace(noService());

      // then
      awaitStream(client, "srv:" + SERVICE + ": no SRV record has a usable target");

      // and when
      names.replace(srv("rng-1.example.org", server.streamPort(), 1));

      // then
      client.awaitMetric("netrng_received_bytes_total", BLOCK);
    }
  }

  @Test
  void theLastAnswerIsKeptWhileTheNameServerIsDown() throws Exception {
    // given
    try (AppProcess server = server();
        NameServer names =
            new NameServer(directory, srv("rng-1.example.org", server.streamPort(), 1));
        AppProcess client = client(names)) {
      client.awaitMetric("netrng_received_bytes_total", BLOCK);

      // when
      names.stop();
      client.awaitLog("search for servers failed");
      int port = server.streamPort();
      server.kill();
      client.awaitLog("stream from server failed");

      // then
      try (AppProcess restarted = server(port)) {
        restarted.awaitMetric("netrng_clients_connected", 1);
      }
    }
  }

  @Test
  void theLastAnswerIsKeptWhileTheNameServerIsSilent() throws Exception {
    // given
    try (AppProcess server = server();
        NameServer names =
            new NameServer(directory, srv("rng-1.example.org", server.streamPort(), 1));
        AppProcess client = client(names)) {
      client.awaitMetric("netrng_received_bytes_total", BLOCK);

      // when
      names.fallSilent();
      client.awaitLog("search for servers failed");

      // then
      assertThat(client.log()).doesNotContain("stream from server failed");
      int port = server.streamPort();
      server.kill();
      try (AppProcess restarted = server(port)) {
        restarted.awaitMetric("netrng_clients_connected", 1);
      }
    }
  }

  @Test
  void aSilentNameServerDoesNotHideTheNextEntry() throws Exception {
    Certificates.make(certificates, "example.org 127.0.0.1");
    try (AppProcess server = server();
        NameServer names = new NameServer(directory)) {
      names.fallSilent();
      try (AppProcess client = client(names, "srv:" + SERVICE + "," + server.address())) {
        client.awaitMetric("netrng_received_bytes_total", BLOCK);
        assertThat(client.log()).contains("search for servers failed");
      }
    }
  }

  @Test
  void aForgedAnswerDoesNotReplaceTheServerOfASession() throws Exception {
    // given
    Path elsewhere = directory.resolve("elsewhere");
    Certificates.make(elsewhere, "example.org", "web-1");
    try (AppProcess server = server();
        AppProcess rogue =
            AppProcess.server(
                Certificates.bundle(
                    elsewhere,
                    "server",
                    "--netrng.server.source.devices=/dev/urandom",
                    "--netrng.server.tls.bundle=netrng"));
        NameServer names =
            new NameServer(directory, srv("rng-1.example.org", server.streamPort(), 1));
        AppProcess client = client(names)) {
      client.awaitMetric("netrng_received_bytes_total", BLOCK);

      // when
      names.replace(srv("rng-2.example.org", rogue.streamPort(), 1));
      String forged = "rng-2.example.org:" + rogue.streamPort();
      client.awaitLog("servers=\"[%s]\"".formatted(forged));

      // then
      assertThat(client.log()).doesNotContain("stream from server failed");
      assertThat(server.metric("netrng_clients_connected")).isEqualTo(1);

      // and when
      int port = server.streamPort();
      server.kill();

      // then
      client.awaitLog("the other side is not trusted");
      assertThat(client.log()).doesNotContain("admitted by server server=\"" + forged);
      assertThat(rogue.log()).doesNotContain("client connected");
      client.awaitHealth("/actuator/health/stream", 503);

      // and when the right answer is back
      names.replace(srv("rng-1.example.org", port, 1));

      // then
      try (AppProcess restarted = server(port)) {
        restarted.awaitMetric("netrng_clients_connected", 1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // certificate, server-name, whether the client trusts it
    "rng-1.example.org, , false",
    "example.org, , true",
    "rng.example.org, rng.example.org, true",
    "example.org, rng.example.org, false"
  })
  void theCertificateMustBeValidForTheRequestedName(
      String certificate, String serverName, boolean trusted) throws Exception {
    // given
    Certificates.make(certificates, certificate);
    try (AppProcess server = server();
        NameServer names =
            new NameServer(directory, srv("rng-1.example.org", server.streamPort(), 1));
        AppProcess client =
            client(
                names,
                "srv:" + SERVICE,
                "--netrng.client.tls.server-name=" + (serverName == null ? "" : serverName))) {
      // then
      if (trusted) {
        client.awaitMetric("netrng_received_bytes_total", BLOCK);
      } else {
        client.awaitLog(
            "No subject alternative DNS name matching %s found"
                .formatted(serverName == null ? "example.org" : serverName));
        assertThat(server.metric("netrng_clients_connected")).isZero();
      }
    }
  }

  /** The operator lists the common name first, so only the second one tells the servers apart. */
  @Test
  void theServersOfAnAnswerAreCombined() throws Exception {
    // given
    for (String name : List.of("rng-1", "rng-2")) {
      Certificates.make(certificates, "example.org %s.example.org".formatted(name));
      for (String suffix : List.of(".crt", ".key")) {
        Files.move(certificates.resolve("server" + suffix), certificates.resolve(name + suffix));
      }
    }
    try (AppProcess first = server("rng-1", 0);
        AppProcess second = server("rng-2", 0);
        NameServer names =
            new NameServer(
                directory,
                srv("rng-1.example.org", first.streamPort(), 1),
                srv("rng-2.example.org", second.streamPort(), 1));
        AppProcess client = client(names, "srv:" + SERVICE, "--netrng.client.combine.servers=2")) {
      // then
      client.awaitMetric("netrng_combined_bytes_total{servers=\"2\"}", BLOCK);
      assertThat(client.log()).doesNotContain("WARN");
    }
  }

  @Test
  void anAutomaticClientUsesTheSearchDomainOfItsMachine() throws Exception {
    Certificates.make(certificates, "rng.example.org");
    try (AppProcess server = server();
        NameServer names =
            new NameServer(directory, srv("rng-1.example.org", server.streamPort(), 1));
        AppProcess client =
            client(names, "auto", "--netrng.client.tls.server-name=rng.example.org")) {
      client.awaitMetric("netrng_received_bytes_total", BLOCK);
      assertThat(client.log())
          .contains("servers found source=\"srv:" + SERVICE)
          .doesNotContain("mdns")
          .doesNotContain("WARN");
    }
  }

  @Test
  void aSystemWithoutNameServersIsTheReasonInHealth() throws Exception {
    // given
    try (NameServer names = new NameServer(directory)) {
      Files.writeString(directory.resolve("resolv.conf"), "");
      try (AppProcess client = client(names)) {
        awaitStream(client, "/etc/resolv.conf names no name server");
      }
    }
  }
}
