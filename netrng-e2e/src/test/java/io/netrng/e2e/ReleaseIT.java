// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The files of {@code make dist}, which two builds of the same source create identically. */
@ResourceLock(Images.STORAGE)
class ReleaseIT {

  private static final Path DIST = Path.of("..", "target", "dist");
  private static final Path LAYOUT = Path.of("..", "netrng-packaging", "target");
  private static final Pattern TIME =
      Pattern.compile("<project.build.outputTimestamp>(.*)</project.build.outputTimestamp>");

  private static String version;
  private static Instant time;
  private static SigningKey key;

  @BeforeAll
  static void made() throws Exception {
    version = Images.version();
    Matcher matcher = TIME.matcher(Files.readString(Path.of("..", "pom.xml")));
    assertThat(matcher.find()).isTrue();
    time = Instant.parse(matcher.group(1));
    key = SigningKey.create();
    try (Images images = Images.build()) {
      assertThat(images.script("dist")).contains("SIGNING_KEY is not set");
      assertThat(names(DIST)).contains("SHA256SUMS").doesNotContain("InRelease", "SHA256SUMS.asc");
      images.script("dist", key.variable(), "SIGNING_KEY=" + SigningKey.NAME);
      for (String image : Images.ALL) {
        String loaded = "docker.io/library/" + Images.of(image);
        assertThat(images.podman("load", "--quiet", "--input", archive(image).toString()))
            .contains(loaded);
        images.podman("rmi", loaded);
      }
    }
  }

  @AfterAll
  static void removeKey() throws Exception {
    key.delete();
  }

  @Test
  void makeDistCreatesExactlyTheVersionedArtifactsAndTheirChecksums() throws Exception {
    String deb = version.replace('-', '~');
    String architecture = architecture();
    assertThat(names(DIST))
        .containsExactlyInAnyOrder(
            "InRelease",
            "Packages",
            "Packages.gz",
            "SHA256SUMS",
            "SHA256SUMS.asc",
            "SHA256SUMS.images",
            "SHA256SUMS.images.asc",
            "netrng-archive-keyring.asc",
            "netrng-%s.cdx.json".formatted(version),
            "netrng-%s.tgz".formatted(version),
            "netrng-client-app-%s.jar".formatted(version),
            "netrng-client-image-%s-%s.tar".formatted(version, architecture),
            "netrng-client-kernel-image-%s-%s.tar".formatted(version, architecture),
            "netrng-client_%s_%s.deb".formatted(deb, architecture),
            "netrng-server-app-%s.jar".formatted(version),
            "netrng-server-image-%s-%s.tar".formatted(version, architecture),
            "netrng-server_%s_%s.deb".formatted(deb, architecture));
  }

  @Test
  void checksumsAreSortedAndMatchTheArtifacts() throws Exception {
    List<String> sums = Files.readAllLines(DIST.resolve("SHA256SUMS"));
    assertThat(sums.stream().map(line -> line.substring(66)))
        .hasSize(6)
        .isSorted()
        .noneMatch(name -> name.contains("image"));
    assertThat(
            Machine.run(
                List.of(
                    "sh",
                    "-c",
                    "cd " + DIST + " && sha256sum --check --strict SHA256SUMS SHA256SUMS.images")))
        .doesNotContain("FAILED");
  }

  @Test
  void theKeyOfTheReleaseVerifiesItsChecksumsAndItsIndex() throws Exception {
    for (String signed : List.of("SHA256SUMS", "SHA256SUMS.images")) {
      key.run("gpg", "--verify", DIST.resolve(signed + ".asc").toString(), DIST + "/" + signed);
    }
    key.run("gpg", "--verify", DIST.resolve("InRelease").toString());
    assertThat(key.run("gpg", "--show-keys", DIST.resolve("netrng-archive-keyring.asc").toString()))
        .contains(SigningKey.NAME, "pub ");
  }

  @Test
  void aKeyThatGpgDoesNotHaveIsOneSentence() {
    assertThatThrownBy(
            () -> key.run("../netrng-packaging/scripts/index-debs", DIST.toString(), "nobody"))
        .hasMessageEndingWith(
            "gpg has no secret key 'nobody' (SIGNING_KEY): gpg --list-secret-keys lists the keys.\n");
  }

  @Test
  void theBillOfMaterialsListsShippedComponentsAndNoTestComponents() throws Exception {
    JsonNode bill =
        JsonMapper.shared().readTree(DIST.resolve("netrng-%s.cdx.json".formatted(version)));
    assertThat(bill.path("bomFormat").asString()).isEqualTo("CycloneDX");
    assertThat(bill.path("metadata").path("timestamp").asString()).isIn("", time.toString());
    List<String> shipped =
        bill.path("components").valueStream().map(c -> c.path("name").asString()).toList();
    assertThat(shipped)
        .contains("netrng-server-app", "netrng-client-app", "netrng-common")
        .doesNotContain(
            "netrng-testkit",
            "netrng-bench",
            "netrng-docs",
            "netrng-e2e",
            "junit-jupiter-api",
            "assertj-core");
    for (String app : List.of("server", "client")) {
      for (String jar : names(LAYOUT.resolve("netrng-%s/lib".formatted(app)))) {
        assertThat(shipped).anyMatch(name -> jar.startsWith(name + "-"));
      }
    }
  }

  @Test
  void jarEntriesHaveTheProjectsOutputTimestamp() throws Exception {
    for (String app : List.of("server", "client")) {
      Path jar = DIST.resolve("netrng-%s-app-%s.jar".formatted(app, version));
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        assertThat(zip.stream().map(ZipEntry::getTimeLocal).distinct())
            .containsExactly(LocalDateTime.ofInstant(time, ZoneOffset.UTC));
      }
    }
  }

  @Test
  void debPackageFilesHaveTheProjectsOutputTimestamp() throws Exception {
    for (Path deb : debs()) {
      String list =
          Machine.run(
              List.of(
                  "sh",
                  "-c",
                  "dpkg-deb --fsys-tarfile %s | TZ=UTC tar --list --verbose --full-time"
                      .formatted(deb)));
      assertThat(list.lines())
          .isNotEmpty()
          .allMatch(line -> line.contains(time.toString().replace('T', ' ').replace("Z", " ")));
    }
  }

  @Test
  void aRepeatedLayoutCreatesIdenticalFilesExceptTheAotCache(@TempDir Path again) throws Exception {
    // when
    Process layout =
        new ProcessBuilder(
                Path.of("../netrng-packaging/scripts/lay-out-apps").toRealPath().toString(),
                again.toString(),
                time.toString(),
                "../netrng-server-app/target/netrng-server-app.jar",
                "../netrng-client-app/target/netrng-client-app.jar")
            .inheritIO()
            .start();
    assertThat(layout.waitFor()).isZero();

    // then
    for (String name : List.of("netrng-server", "netrng-client")) {
      assertThat(contents(again.resolve(name))).isEqualTo(contents(LAYOUT.resolve(name)));
    }
  }

  /** The order of beans must not depend on the addresses of objects. */
  @Test
  void repeatedSpringAotProcessingGeneratesIdenticalSources(@TempDir Path again) throws Exception {
    for (String app : List.of("server", "client")) {
      String name = "netrng-" + app;
      String main = Character.toUpperCase(app.charAt(0)) + app.substring(1);
      Machine.run(
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:+UnlockExperimentalVMOptions",
              "-XX:hashCode=2",
              "-cp",
              "../%s-app/target/classes:%s/lib/*".formatted(name, LAYOUT.resolve(name)),
              "org.springframework.boot.SpringApplicationAotProcessor",
              "io.netrng.%s.Netrng%sApplication".formatted(app, main),
              again.resolve(app + "/sources").toString(),
              again.resolve(app + "/resources").toString(),
              again.resolve(app + "/classes").toString(),
              "io.netrng",
              name + "-app"));
      Machine.run(
          List.of(
              "diff",
              "-r",
              again.resolve(app + "/sources").toString(),
              "../%s-app/target/spring-aot/main/sources".formatted(name)));
    }
  }

  @Test
  void repeatedChartPackagingCreatesAnIdenticalArchive() throws Exception {
    byte[] released = Files.readAllBytes(DIST.resolve("netrng-%s.tgz".formatted(version)));
    Path again = Path.of("..", Machine.run(List.of("../scripts/chart")).strip());
    assertThat(again).hasBinaryContent(released);
  }

  /** Returns names, modes, times and hashes of all files except AOT caches. */
  private static String contents(Path folder) throws IOException, InterruptedException {
    return Machine.run(
        List.of(
            "sh",
            "-c",
            """
            cd %s
            find . ! -type d ! -name '*.aot' -printf '%%p %%m %%T@ %%l\\n' | LC_ALL=C sort
            find . -type f ! -name '*.aot' -exec sha256sum {} + | LC_ALL=C sort -k 2
            """
                .formatted(folder)));
  }

  private static List<Path> debs() throws IOException {
    try (Stream<Path> files = Files.list(DIST)) {
      return files.filter(file -> file.toString().endsWith(".deb")).toList();
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static Path archive(String image) throws IOException, InterruptedException {
    return DIST.resolve("netrng-%s-image-%s-%s.tar".formatted(image, version, architecture()));
  }

  private static String architecture() throws IOException, InterruptedException {
    return Machine.run(List.of("dpkg", "--print-architecture")).strip();
  }
}
