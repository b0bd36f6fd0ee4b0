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
 * Packages install on the release that built them and on newer ones, and older releases refuse
 * them. Debian 13 builds with its own JDK, whose C library is newer than that of Debian 12.
 */
class PackagesOfReleasesIT {

  private static final String OLDER = "bookworm";
  private static final String NEWER = "trixie";
  private static final Path HOME = Path.of("target", "debian").toAbsolutePath();
  private static final String INSTALL =
      "NETRNG_TRAINING_LIMIT=1s dpkg --install /packages/netrng-server_*.deb 2>&1";

  private static Path builtByTheNewer;

  @BeforeAll
  static void build() throws Exception {
    builtByTheNewer = buildOn(NEWER);
  }

  /** Builds the server's package in a root of a release, as make packages does it there. */
  private static Path buildOn(String release) throws IOException, InterruptedException {
    Path root = Files.createDirectories(HOME).resolve(release + "-jdk");
    if (!Files.exists(root)) {
      DebianMachine.bootstrap(release, "openjdk-25-jdk-headless", root);
    }
    Machine.run(
        List.of(
            "unshare",
            "--mount",
            "sh",
            "-ec",
            """
            cd %1$s
            rm -rf out
            mkdir -p src out
            mount --bind -o ro %2$s src
            mount -t proc proc proc
            mount --bind /dev dev
            cat >build <<'END'
            export JAVA_HOME=$(echo /usr/lib/jvm/java-25-openjdk-*)
            time=2026-01-01T00:00:00Z
            /src/netrng-packaging/scripts/lay-out-apps /out $time \\
              ../netrng-server-app/target/netrng-server-app.jar ../netrng-client-app/target/netrng-client-app.jar
            /src/netrng-packaging/scripts/build-debs /out 1.0 'Maintainers <maintainers@example.org>' $time
            END
            chroot . sh -e /build 2>&1
            """
                .formatted(root, Path.of("..").toRealPath())));
    try (Stream<Path> files = Files.list(root.resolve("out"))) {
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

  @Test
  void whatThisMachineBuildsRunsOnTheNewerRelease() throws Exception {
    try (DebianMachine machine =
        DebianMachine.start(NEWER, List.of(DebPackage.built("netrng-server")))) {
      isInstalledAndReady(machine);
    }
  }

  @Test
  void whatTheNewerReleaseBuildsRunsThere() throws Exception {
    try (DebianMachine machine = DebianMachine.start(NEWER, List.of(builtByTheNewer))) {
      isInstalledAndReady(machine);
    }
  }

  @Test
  void theOlderReleaseRefusesWhatItCannotRun() throws Exception {
    try (DebianMachine machine = DebianMachine.start(OLDER, List.of(builtByTheNewer))) {
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
}
