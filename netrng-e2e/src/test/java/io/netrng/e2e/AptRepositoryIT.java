// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The commands that the documentation gives for the apt repository of a release, on a fresh machine
 * of each supported release of Debian: the packages of this machine serve them all. Each test goes
 * on where the one before has ended.
 */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"bookworm", "trixie"})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AptRepositoryIT {

  private static final String PAGE = "docs/install.md";
  private static final String SERVER = "netrng-server";
  private static final String CLIENT = "netrng-client";
  private static final String OFFERED = "/srv/netrng";

  @TempDir private static Path repository;
  private static SigningKey key;
  private static DebianMachine machine;

  @Parameter private String release;

  @BeforeAll
  static void createKey() throws Exception {
    key = SigningKey.create();
  }

  @AfterAll
  static void removeKey() throws Exception {
    key.delete();
  }

  @BeforeParameterizedClassInvocation
  static void start(String release) throws Exception {
    try (var old = Files.list(repository)) {
      for (Path file : old.toList()) {
        Files.delete(file);
      }
    }
    offer(DebPackage.built(SERVER));
    offer(DebPackage.built(CLIENT));
    key.index(repository);
    machine = DebianMachine.start(release, List.of());
    // Other sources cannot be reached; unattended-upgrades answers so; udev gives no device here.
    machine.run(
        """
        rm -f /etc/apt/sources.list
        cat >/etc/apt/apt.conf.d/90unattended <<'END'
        APT::Get::Assume-Yes "true";
        Dpkg::Options { "--force-confold"; };
        END
        chmod 644 /dev/hwrng
        ip address add 192.0.2.10/32 dev lo
        mkdir /root/web-1
        """);
    machine.replace(OFFERED, repository);
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    machine.close();
  }

  private static void offer(Path deb) throws IOException {
    Files.copy(deb, repository.resolve(deb.getFileName()));
  }

  /** What a block of the page tells to type, where the repository is a folder. */
  private static String block(String tested) throws IOException {
    return Blocks.tested(tested, PAGE)
        .replace("https://packages.example.org/netrng", "file:" + OFFERED)
        .replaceAll("scp (.*) root@web-1:", "cp $1 /root/web-1");
  }

  private static void awaitFedKernel() {
    machine.awaitReadiness(8080);
    machine.awaitReadiness(8081);
    machine.awaits(
        "entropy reaches the kernel",
        "systemctl show --property StatusText netrng-client | grep 'stream up, rngd up, kernel up'");
  }

  @Test
  @Order(1)
  void packagesOfTheRepositoryInstallAndFeedTheKernel() throws Exception {
    assertThat(machine.run("cat /etc/os-release")).contains("VERSION_CODENAME=" + release);
    machine.run(block("packages, repository"));
    machine.run(block("packages, repository, server"));
    machine.run(block("packages, repository, client"));
    awaitFedKernel();
    assertThat(machine.run("apt-cache policy netrng-client")).contains("file:" + OFFERED);
  }

  @Test
  @Order(2)
  void theDocumentedCommandsAddRevokeAndRenewAClient() throws Exception {
    machine.run(block("packages, server"));
    String said = machine.run("cd /root/web-1\n" + block("packages, client"));
    assertThat(said)
        .containsPattern("Admitted by 192.0.2.10:8989. Entropy has reached the kernel: [1-9]");
    machine.awaits(
        "the client is known by its certificate",
        "journalctl --unit netrng-server | grep 'client connected.*identity=\"web-1\"'");

    // and when it is removed
    machine.run(block("packages, revoke"));

    // then it is denied until it is added again
    machine.awaits("the server denies it", "netrng status client | grep 'stream DOWN'");
    machine.run("cd /root && netrng add-client web-1 && netrng join web-1.netrng");
    awaitFedKernel();
  }

  @Test
  @Order(3)
  void aNewVersionInTheRepositoryIsAnUpgrade() throws Exception {
    // given
    offer(DebPackage.ofLaterVersion(DebPackage.built(SERVER)));
    key.index(repository);
    machine.replace(OFFERED, repository);
    String configuration = machine.run("cat /etc/netrng/server.properties");

    // when
    machine.run(block("packages, upgrade"));

    // then
    assertThat(machine.run("dpkg-query -W -f '${Version} ${Status}' netrng-server"))
        .isEqualTo("99.0 install ok installed");
    awaitFedKernel();
    assertThat(machine.run("cat /etc/netrng/server.properties")).isEqualTo(configuration);
  }

  @Test
  @Order(4)
  void aPackageThatTheKeyHasNotSignedIsNotInstalled() throws Exception {
    // given an index that somebody without the key has changed
    machine.run(
        """
        cd /srv/netrng
        sed -i 's/^Version: 99.0$/Version: 99.10/' Packages
        rm Packages.gz
        hash=$(sha256sum Packages | cut -d ' ' -f 1)
        sed -i "s/^ [0-9a-f]\\{64\\} .* Packages$/ $hash $(stat -c %s Packages) Packages/" InRelease
        """);

    // when, then
    assertThatThrownBy(() -> machine.run("apt-get update --error-on=any 2>&1"))
        .hasMessageContaining("/srv/netrng")
        .hasMessageMatching("(?s).*(signatures were invalid|signature verification failed).*");
    assertThat(machine.run("apt-cache policy netrng-server")).doesNotContain("99.10");
  }

  @Test
  @Order(5)
  void aPurgeLeavesWhatTheAdministratorHasAdded() throws Exception {
    machine.run(block("packages, purge"));
    assertThat(machine.run("pgrep java || echo none")).isEqualTo("none\n");
    assertThat(machine.run("ls /etc/netrng"))
        .contains("authority", "ca.crt", "server.key", "client.key")
        .doesNotContain("properties");
    machine.run("test ! -e /usr/lib/netrng-server && test ! -e /usr/lib/netrng-client");
  }
}
