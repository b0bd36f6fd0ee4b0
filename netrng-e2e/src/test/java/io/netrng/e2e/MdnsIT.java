// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Multicast DNS between two machines. */
class MdnsIT {

  private static final String NAME = "rng.example.org";

  @TempDir private Path directory;

  private final List<Process> announcements = new ArrayList<>();
  private Lan lan;
  private Path home;

  @BeforeEach
  void connectMachines() throws Exception {
    home = directory.resolve("home");
    Certificates.make(home, NAME, "web-1");
    lan = new Lan();
  }

  @AfterEach
  void disconnectMachines() throws Exception {
    Machine.kill(announcements);
    lan.delete();
  }

  private AppProcess server(Path certificates, int port) {
    AppProcess server =
        AppProcess.start(
            lan.onServer(),
            "server",
            Certificates.bundle(
                certificates,
                "server",
                "--netrng.server.bind-address=0.0.0.0",
                "--netrng.server.port=" + port,
                "--netrng.server.mdns=true",
                "--netrng.server.source.devices=/dev/urandom",
                "--netrng.server.tls.bundle=netrng"));
    server.awaitLog("server is announced in the local network");
    return server;
  }

  private AppProcess client(String servers, String... more) {
    List<String> properties =
        new ArrayList<>(
            List.of(
                "--netrng.client.servers=" + servers,
                "--netrng.client.tls.bundle=netrng",
                "--netrng.client.tls.server-name=" + NAME));
    properties.addAll(List.of(more));
    return AppProcess.start(
        lan.onClient(),
        "client",
        Certificates.bundle(home, "web-1", properties.toArray(String[]::new)));
  }

  private void announce(int port, String key, String value) throws Exception {
    announcements.add(Announcement.start(lan.onServer(), Lan.SERVER, port, key, value));
  }

  @Test
  void theClientFindsAnAnnouncedServerAndForgetsItOnceItIsStopped() {
    try (AppProcess client = client("mdns:")) {
      client.awaitLog("no servers found source=\"mdns:\"");
      try (AppProcess server = server(home, 8989)) {
        client.awaitLog("servers found source=\"mdns:\" servers=\"[192.0.2.1:8989]\"");
        client.awaitLog("admitted by server server=\"192.0.2.1:8989\"");
        assertThat(server.log())
            .contains("_netrng._tcp.local.\" address=\"192.0.2.1:8989\"")
            .contains("identity=\"web-1\"");
      }
      client.awaitLog("reason=\"no server is announced any more\"");
    }
  }

  @Test
  void bothFollowTheirDefaultRoutesToAnotherInterface() throws Exception {
    // given
    lan.leadElsewhere();
    try (AppProcess server = server(home, 8989);
        AppProcess client = client("mdns:")) {
      client.awaitLog("no servers found source=\"mdns:\"");
      assertThat(server.log())
          .contains("address=\"" + Lan.SERVER_ELSEWHERE + ":8989\"")
          .doesNotContain("client connected");

      // when
      lan.leadBack();

      // then
      server.awaitLog("default route has changed: server is announced there");
      client.awaitLog("the default route now uses the address " + Lan.CLIENT);
      client.awaitLog("admitted by server server=\"" + Lan.SERVER + ":8989\"");
    }
  }

  @Test
  void aServerOfAnotherAuthorityIsNotTrusted() throws Exception {
    Path elsewhere = directory.resolve("elsewhere");
    Certificates.make(elsewhere, NAME, "web-1");
    try (AppProcess rogue = server(elsewhere, 8990);
        AppProcess client = client("mdns:")) {
      // given
      client.awaitLog("stream from server failed server=\"192.0.2.1:8990\"");
      assertThat(client.log()).contains("the other side is not trusted");

      // when
      try (AppProcess server = server(home, 8989)) {
        // then
        client.awaitLog("admitted by server server=\"192.0.2.1:8989\"");
        assertThat(rogue.log()).doesNotContain("client connected");
        assertThat(server.log()).contains("client connected");
      }
    }
  }

  @Test
  void aServerThatListensOnLoopbackOnlyIsNotAnnounced() {
    try (AppProcess server =
        AppProcess.start(
            lan.onServer(),
            "server",
            Certificates.bundle(
                home,
                "server",
                "--netrng.server.mdns=true",
                "--netrng.server.source.devices=/dev/urandom",
                "--netrng.server.tls.bundle=netrng"))) {
      assertThat(server.exitCode()).isNotZero();
      assertThat(server.log())
          .contains(
              "netrng.server.mdns = true is not possible: netrng.server.bind-address = 127.0.0.1")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void announcementsOfOtherProtocolsAreIgnored() throws Exception {
    announce(8888, "version", "1");
    announce(8889, "proto", "2");
    try (AppProcess server = server(home, 8989);
        AppProcess client = client("mdns:")) {
      client.awaitLog("admitted by server server=\"192.0.2.1:8989\"");
      assertThat(client.log()).doesNotContain(":8888").doesNotContain(":8889");
      assertThat(server.log()).contains("client connected");
    }
  }

  @Test
  void theClientFallsBackToTheLocalNetworkIfThatIsAllowed() {
    try (AppProcess server = server(home, 8989);
        AppProcess denied = client("auto");
        AppProcess client = client("auto", "--netrng.client.mdns=true")) {
      client.awaitLog("servers found source=\"mdns:\" servers=\"[192.0.2.1:8989]\"");
      client.awaitLog("admitted by server server=\"192.0.2.1:8989\"");
      denied.awaitLog("source=\"auto\"");
      assertThat(denied.log()).doesNotContain("mdns:");
      assertThat(server.log()).contains("client connected");
    }
  }
}
