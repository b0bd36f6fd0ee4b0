// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What README says of a second machine, and docs/tls.md of the authority's key, typed on two
 * machines with the addresses of the pages and a cable between them. Each test goes on where the
 * one before has ended.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SecondMachineIT {

  private static final String TLS = "docs/tls.md";

  /** A file that {@code netrng add-client} writes where the blocks are typed. */
  private static final String CLIENT_FILE = "/root/web-1.netrng";

  private static DebianMachine server;
  private static DebianMachine client;

  @BeforeAll
  static void start() throws Exception {
    String release = DebianMachine.thisRelease();
    server = DebianMachine.start("server", release, List.of(DebPackage.built("netrng-server")));
    client = DebianMachine.start("client", release, List.of(DebPackage.built("netrng-client")));
    server.connect("192.0.2.10", client, "192.0.2.21");
    for (DebianMachine machine : List.of(server, client)) {
      // The blocks are typed in root's home. Nobody answers apt's questions, and nothing is sent
      // over SSH.
      machine.run(
          """
          mv /packages/*.deb /root
          echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/90unattended
          printf '#!/bin/sh\\n' >/usr/local/bin/scp
          chmod 755 /usr/local/bin/scp
          """);
    }
    server.run(
        """
        groupadd --system netrng-server
        chown root:netrng-server /dev/hwrng
        chmod 640 /dev/hwrng
        """);
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    server.close();
  }

  private static String type(DebianMachine machine, String block) throws Exception {
    return machine.run("cd /root\n" + block);
  }

  private static void copyClientFile() throws Exception {
    Files.copy(
        server.file(CLIENT_FILE), client.file(CLIENT_FILE), StandardCopyOption.REPLACE_EXISTING);
  }

  /** Starts the client again: it then needs a new TLS session. */
  private static void requireANewSession() throws Exception {
    client.run("systemctl restart netrng-client");
    client.awaits(
        "the client is admitted",
        "curl --silent http://127.0.0.1:8081/actuator/health/stream | grep '\"UP\"'");
  }

  private static void awaitCertificates(DebianMachine machine, String unit, int changes) {
    machine.awaits(
        "the certificates are in use",
        "test $(journalctl --unit %s | grep -c 'new certificates apply') -ge %d"
            .formatted(unit, changes));
  }

  private static String issuer(DebianMachine machine, String certificate) throws Exception {
    return machine.run(
        "openssl x509 -noout -ext authorityKeyIdentifier -in /etc/netrng/" + certificate);
  }

  @Test
  @Order(1)
  void theCommandsOfReadmeFeedTheKernelOfASecondMachine() throws Exception {
    // given
    List<String> blocks = Blocks.under("A second machine", "README.md");
    assertThat(blocks).hasSize(4);

    // when
    type(server, blocks.get(0));
    copyClientFile();
    String joined = type(client, blocks.get(1));

    // then
    assertThat(joined)
        .containsPattern(
            "Admitted by 192\\.0\\.2\\.10:8989\\. Entropy has reached the kernel: [1-9]");
    assertThat(blocks.get(2)).startsWith("Admitted by 192.0.2.10:8989. Entropy has reached");
    assertThat(type(client, blocks.get(3))).contains("NETRNG OK - client up");
    assertThat(server.journal("netrng-server")).contains("identity=\"web-1\"", "192.0.2.21:");
  }

  @Test
  @Order(2)
  void aBackupOfTheAuthorityIsRestored() throws Exception {
    String key = server.run("cat /etc/netrng/authority/ca.key | sha256sum");
    type(server, Blocks.tested("authority, backup", TLS));
    server.run("rm -r /etc/netrng/authority");
    type(server, Blocks.tested("authority, restore", TLS));
    assertThat(server.run("cat /etc/netrng/authority/ca.key | sha256sum")).isEqualTo(key);
    assertThat(server.run("stat -c %a /root/netrng-authority.tar.gz /etc/netrng/authority"))
        .isEqualTo("600\n700\n");
  }

  @Test
  @Order(3)
  void aNewAuthorityReplacesALostOneWhileEachClientCanConnect() throws Exception {
    // given
    String old = issuer(server, "server.crt");
    server.run("rm -r /etc/netrng/authority");

    // when the server trusts both
    type(server, Blocks.tested("authority, new", TLS));

    // then
    awaitCertificates(server, "netrng-server", 1);
    requireANewSession();

    // and when the client has a certificate of the new one
    type(server, Blocks.tested("authority, client", TLS));
    copyClientFile();
    type(client, "netrng join web-1.netrng");

    // then
    assertThat(issuer(client, "client.crt")).isNotEqualTo(old);
    assertThat(issuer(server, "server.crt")).isEqualTo(old);

    // and when the server has one too
    type(server, Blocks.tested("authority, server", TLS));

    // then
    awaitCertificates(server, "netrng-server", 2);
    assertThat(issuer(server, "server.crt")).isEqualTo(issuer(client, "client.crt"));
    requireANewSession();

    // and when the old one is removed
    type(server, Blocks.tested("authority, old", TLS));

    // then
    awaitCertificates(server, "netrng-server", 3);
    assertThat(server.run("grep -c BEGIN /etc/netrng/ca.crt")).isEqualTo("1\n");
    requireANewSession();
  }

  @Test
  @Order(4)
  void anAuthorityOnAnotherMachineAddsAClient() throws Exception {
    // when
    type(server, Blocks.tested("authority, offline", TLS));
    type(server, Blocks.tested("authority, elsewhere", TLS));

    // then
    assertThat(server.run("cat /root/web-2.netrng")).contains("servers=192.0.2.10:8989");
    server.run("cd /root; openssl verify -CAfile /etc/netrng/ca.crt netrng-ca/authority/web-2.crt");
    assertThat(server.run("! netrng add-client web-3 2>&1")).contains("ca.key is missing");
  }
}
