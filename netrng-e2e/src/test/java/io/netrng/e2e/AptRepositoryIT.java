// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The documented commands for the apt repository of a release, on a new machine. Its Debian release
 * differs from this machine's, because one build must support both. {@link PackagesIT} tests this
 * machine's release. Each test continues from the end of the previous one.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AptRepositoryIT {

  private static final String SERVER = "netrng-server";
  private static final String CLIENT = "netrng-client";

  private static AptRepository repository;
  private static DebianMachine machine;

  @BeforeAll
  static void start() throws Exception {
    repository = AptRepository.of(DebPackage.built(SERVER), DebPackage.built(CLIENT));
    String other = DebianMachine.thisRelease().equals("trixie") ? "bookworm" : "trixie";
    machine = DebianMachine.start("repository", other, List.of());
    AptRepository.prepare(machine);
    // This machine has no udev that assigns the device to the server's group.
    machine.run("chmod 644 /dev/hwrng");
    repository.publish(machine);
  }

  @AfterAll
  static void stop() throws Exception {
    machine.close();
    repository.delete();
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
    machine.run(AptRepository.typed("packages, repository"));
    machine.run(AptRepository.typed("packages, repository, server"));
    machine.run(AptRepository.typed("packages, repository, client"));
    awaitFedKernel();
    assertThat(machine.run("apt-cache policy netrng-client")).contains("file:/srv/netrng");
  }

  @Test
  @Order(2)
  void theDocumentedCommandsAddRevokeAndRenewAClient() throws Exception {
    machine.run(AptRepository.typed("packages, server"));
    String said = machine.run("cd /root/web-1\n" + AptRepository.typed("packages, client"));
    assertThat(said)
        .containsPattern("Admitted by 192.0.2.10:8989. Entropy has reached the kernel: [1-9]");
    machine.awaits(
        "the client is known by its certificate",
        "journalctl --unit netrng-server | grep 'client connected.*identity=\"web-1\"'");

    // and when its access is revoked
    machine.run(AptRepository.typed("packages, revoke"));

    // then the server denies it until it is added again
    machine.awaits("the server denies it", "netrng status client | grep 'stream DOWN'");
    machine.run("cd /root && netrng add-client web-1 && netrng join web-1.netrng");
    awaitFedKernel();
  }

  @Test
  @Order(3)
  void aNewVersionInTheRepositoryIsAnUpgrade() throws Exception {
    // given
    repository.add(DebPackage.ofLaterVersion(DebPackage.built(SERVER)));
    repository.publish(machine);
    String configuration = machine.run("cat /etc/netrng/server.properties");

    // when
    machine.run(AptRepository.typed("packages, upgrade"));

    // then
    assertThat(machine.run("dpkg-query -W -f '${Version} ${Status}' netrng-server"))
        .isEqualTo("99.0 install ok installed");
    awaitFedKernel();
    assertThat(machine.run("cat /etc/netrng/server.properties")).isEqualTo(configuration);
  }

  @Test
  @Order(4)
  void aPackageThatTheKeyHasNotSignedIsNotInstalled() throws Exception {
    // given an index that was modified without the key
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
    machine.run(AptRepository.typed("packages, purge"));
    assertThat(machine.run("pgrep java || echo none")).isEqualTo("none\n");
    assertThat(machine.run("ls /etc/netrng"))
        .contains("authority", "ca.crt", "server.key", "client.key")
        .doesNotContain("properties");
    machine.run("test ! -e /usr/lib/netrng-server && test ! -e /usr/lib/netrng-client");
  }
}
