// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Packages install on the release that built them and on newer ones. Older releases reject them.
 * Debian 13 builds with its own JDK, whose C library is newer than that of Debian 12.
 */
class PackagesOfReleasesIT {

  private static final String OLDER = "bookworm";
  private static final String NEWER = "trixie";
  private static final Path HOME = Path.of("target", "debian").toAbsolutePath();
  private static final String INSTALL =
      "NETRNG_TRAINING_LIMIT=1s dpkg --install /packages/netrng-server_*.deb 2>&1";

  private static Path builtByTheNewer;
  private static Path builtForArm;

  @BeforeAll
  static void build() throws Exception {
    Path root = Files.createDirectories(HOME).resolve(NEWER + "-jdk");
    if (!Files.exists(root)) {
      DebianMachine.bootstrap(NEWER, "openjdk-25-jdk-headless", root);
    }
    Chroot debian = new Chroot(root).withReadOnly(Path.of(".."), "/src");
    builtByTheNewer = build(debian, "/out", "");
    if (!Files.exists(root.resolve("jdk-arm64"))) {
      debian.run(Blocks.tested("packages, arm64", "docs/install.md").replaceAll("make .*", ""));
    }
    builtForArm =
        build(
            debian,
            "/out-arm64",
            "export PACKAGES_ARCH=arm64 PACKAGES_JMODS=/jdk-arm64/usr/lib/jvm/java-25-openjdk-arm64/jmods");
  }

  /** Builds both packages in a root as make packages does, and returns the server's. */
  private static Path build(Chroot debian, String target, String variables)
      throws IOException, InterruptedException {
    debian.run(
        """
        export JAVA_HOME=$(echo /usr/lib/jvm/java-25-openjdk-*)
        %2$s
        time=2026-01-01T00:00:00Z
        rm -rf %1$s
        /src/netrng-packaging/scripts/lay-out-apps %1$s $time \
          ../netrng-server-app/target/netrng-server-app.jar ../netrng-client-app/target/netrng-client-app.jar
        /src/netrng-packaging/scripts/build-debs %1$s 1.0 'Maintainers <maintainers@example.org>' $time
        """
            .formatted(target, variables));
    try (Stream<Path> files = Files.list(HOME.resolve(NEWER + "-jdk" + target))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("netrng-server_"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static void isInstalledAndReady(DebianMachine machine) throws Exception {
    machine.run("chmod 644 /dev/hwrng");
    machine.run(INSTALL);
    assertThat(machine.property("netrng-server", "ActiveState")).isEqualTo("active");
    machine.awaitReadiness(8080);
  }

  /** Its systemd can open the kernel log for the server, which has no capability at all. */
  @Test
  void whatTheNewerReleaseBuildsRunsThereAndCanReadTheKernelLog() throws Exception {
    try (DebianMachine machine = DebianMachine.start("releases", NEWER, List.of(builtByTheNewer))) {
      // given
      isInstalledAndReady(machine);
      boolean hasGenerationId =
          machine.run("ls -l /sys/bus/*/drivers/vmgenid 2>&1 || :").contains(" -> ");

      // when
      machine.run(Blocks.tested("clones, kernel log", "docs/clones.md"));
      machine.run("systemctl restart netrng-server");

      // then
      awaitPrograms(machine, 2);
      assertHoldsTheKernelLog(machine, hasGenerationId);

      // and when
      machine.run("systemctl kill --kill-whom=main --signal=SIGUSR1 netrng-server");

      // then
      awaitPrograms(machine, 3);
      assertHoldsTheKernelLog(machine, hasGenerationId);
      assertThat(machine.property("netrng-server", "NRestarts")).isEqualTo("0");
    }
  }

  private static void awaitPrograms(DebianMachine machine, int count) {
    machine.awaits(
        "program " + count,
        "test $(journalctl --unit netrng-server | grep -c 'watching for clones') -eq " + count);
  }

  private static void assertHoldsTheKernelLog(DebianMachine machine, boolean hasGenerationId)
      throws Exception {
    String pid = machine.property("netrng-server", "MainPID");
    // Only the same user may look at it, because the container's root has no CAP_SYS_PTRACE.
    assertThat(machine.run("runuser --user=netrng-server -- readlink /proc/%s/fd/3".formatted(pid)))
        .isEqualTo("/dev/kmsg\n");
    assertThat(machine.status("netrng-server", "CapEff")).isEqualTo("0000000000000000");
    String signals =
        machine.run(
            "journalctl --unit netrng-server | grep 'watching for clones' | tail --lines=1");
    assertThat(signals.contains("kernel-log")).as(signals).isEqualTo(hasGenerationId);
    assertThat(signals).doesNotContain("acpi-interrupt");
  }

  @Test
  void theOlderReleaseRefusesWhatItCannotRun() throws Exception {
    try (DebianMachine machine = DebianMachine.start("releases", OLDER, List.of(builtByTheNewer))) {
      // when, then
      assertThatThrownBy(() -> machine.run(INSTALL))
          .hasMessageContaining("netrng-server depends on libc6 (>= 2.");

      // and when the dependency is overridden
      assertThatThrownBy(
              () -> machine.run(INSTALL.replace("--install", "--force-depends --install")))
          .hasMessageContaining("The Java runtime of netrng-server cannot run on this system")
          .hasMessageContaining("built on this release or on an older one");
      assertThat(machine.run("dpkg-query -W -f '${Status}' netrng-server"))
          .isEqualTo("install ok half-configured");
    }
  }

  @Test
  void packagesForArmHoldProgramsForArm() throws Exception {
    // given
    String files =
        Machine.run(
            List.of(
                "sh",
                "-ec",
                """
                cd $(mktemp -d)
                trap 'rm -rf "$PWD"' EXIT
                dpkg-deb --raw-extract %s .
                cat DEBIAN/control
                for file in usr/lib/netrng-server/runtime/bin/java usr/lib/netrng-server/runtime/lib/server/libjvm.so \
                    usr/lib/netrng-server/native/*.so; do
                  echo "$file $(readelf --file-header $file | sed -n 's/ *Machine: *//p')"
                done
                """
                    .formatted(builtForArm)));

    // then
    assertThat(files)
        .contains("Architecture: arm64\n", "libc6 (>= 2.")
        .containsPattern("runtime/bin/java AArch64")
        .containsPattern("libjvm.so AArch64")
        .containsPattern("native/libnetty_transport_native_epoll_aarch_64.so AArch64")
        .doesNotContain("X86-64");
  }

  @Test
  void packagesForArmWithoutItsModulesAreOneSentence() {
    assertThatThrownBy(() ->
            Machine.run(
                List.of(
                    "env",
                    "JAVA_HOME=" + System.getProperty("java.home"),
                    "PACKAGES_ARCH=arm64",
                    "../netrng-packaging/scripts/lay-out-apps",
                    HOME.resolve("none").toString(),
                    "2026-01-01T00:00:00Z")))
        .hasMessageContaining("Packages for arm64 need the modules of a JDK 25")
        .hasMessageContaining("name their folder in JMODS, which is '' (docs/install.md).");
    assertThat(HOME.resolve("none")).doesNotExist();
  }
}
