// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The installation of missing programs by {@code make}, on new systems. */
class FreshSystemsIT {

  private static Chroot fresh(String release) throws Exception {
    return new Chroot(DebianMachine.root("fresh", release))
        .withReadOnly(Path.of("../scripts"), "/scripts");
  }

  @Test
  void whereTheDistributionHasNoJdkItSaysWhereOneIs() throws Exception {
    // given
    Chroot debian12 = fresh("bookworm");

    // when, then
    assertThatThrownBy(() -> debian12.run("/scripts/need jdk:openjdk-25-jdk-headless"))
        .hasMessageContaining("apt-get install --yes openjdk-25-jdk-headless")
        .hasMessageContaining("adoptium.net/installation/linux");
    assertThatThrownBy(
            () -> debian12.run("/scripts/need --install jdk:openjdk-25-jdk-headless mvn:maven"))
        .hasMessageContaining("This distribution has no openjdk-25-jdk-headless: ")
        .hasMessageContaining("install the package temurin-25-jdk")
        .hasMessageContaining("adoptium.net/installation/linux");
    debian12.run("! command -v mvn");
  }

  @Test
  void aPackageThatCannotBeInstalledShowsTheErrorOfApt() throws Exception {
    Chroot debian12 = fresh("bookworm");
    assertThatThrownBy(() -> debian12.run("/scripts/need --install none:no-such-package"))
        .hasMessageContaining("Installing from the distribution: no-such-package")
        .hasMessageContaining("E: Unable to locate package no-such-package")
        .hasMessageContaining("apt-get install failed: see its output above");
    debian12.run("test ! -e /usr/sbin/policy-rc.d");
  }

  @Test
  void aServiceThatComesWithAProgramStaysDisabled() throws Exception {
    // given a system without rngd
    Chroot debian13 = fresh("trixie");
    debian13.run("dpkg --purge rng-tools5 >/dev/null");

    // when
    String output = debian13.run("/scripts/need --install rngd:rng-tools5 curl:curl 2>&1");

    // then
    assertThat(output)
        .contains("Installing from the distribution: rng-tools5 ...")
        .containsPattern("They are not started, and are disabled now:.* rngd.service");
    assertThat(debian13.run("systemctl is-enabled rngd || true")).isEqualTo("disabled\n");
    debian13.run("test ! -e /usr/sbin/policy-rc.d");
  }
}
