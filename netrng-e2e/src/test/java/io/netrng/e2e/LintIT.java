// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Static checks of scripts and packages by other programs. */
class LintIT {

  private static final Path REPOSITORY = Path.of("..");
  private static final Path PACKAGING = REPOSITORY.resolve("netrng-packaging");
  private static final Set<String> NOT_OURS = Set.of("target", ".git", "node_modules");
  private static final Pattern SHEBANG = Pattern.compile("#!/bin/(sh|bash)\n.*", Pattern.DOTALL);
  private static final Pattern UPSTARTS_SCRIPT =
      Pattern.compile("(?ms)^(?:pre-start )?script\n(.*?)^end script$");

  @TempDir Path directory;

  static List<Path> shellScripts() throws IOException {
    List<Path> scripts = new ArrayList<>();
    Files.walkFileTree(
        REPOSITORY,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return NOT_OURS.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile() && SHEBANG.matcher(text(file)).matches()) {
              scripts.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return scripts;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void check(Path script) throws Exception {
    Machine.run(List.of("shellcheck", script.toString()));
    boolean posix = text(script).startsWith("#!/bin/sh");
    Machine.run(List.of(posix ? "dash" : "bash", "-n", script.toString()));
  }

  @ParameterizedTest
  @MethodSource("shellScripts")
  void shellScriptsPassShellcheckAndASyntaxCheck(Path script) throws Exception {
    check(script);
  }

  @Test
  void checkedShellScriptsIncludePackageAndFreebsdScripts() throws IOException {
    assertThat(shellScripts())
        .map(script -> REPOSITORY.relativize(script).toString())
        .contains(
            "scripts/need",
            "netrng-packaging/scripts/train",
            "netrng-packaging/scripts/build-debs",
            "netrng-packaging/src/deb/postinst",
            "netrng-packaging/src/deb/prerm",
            "netrng-packaging/src/freebsd/netrng_server",
            "netrng-packaging/src/freebsd/netrng_client");
  }

  @ParameterizedTest
  @ValueSource(strings = {"netrng-server", "netrng-client"})
  void upstartScriptsPassShellcheckAndASyntaxCheck(String job) throws Exception {
    List<String> scripts =
        UPSTARTS_SCRIPT
            .matcher(Files.readString(PACKAGING.resolve("src/upstart/" + job + ".conf")))
            .results()
            .map((MatchResult script) -> script.group(1))
            .toList();
    assertThat(scripts).isNotEmpty();
    for (String script : scripts) {
      check(Files.writeString(directory.resolve("script"), "#!/bin/sh\nset -e\n" + script));
    }
  }

  @Test
  void serviceDefinitionsSetTheDocumentedOpenFileLimit() throws Exception {
    String page = Files.readString(REPOSITORY.resolve("docs/limits.md"));
    Matcher limit = Pattern.compile("`LimitNOFILE=(\\d+)`").matcher(page);
    assertThat(limit.find()).isTrue();
    assertThat(Files.readAllLines(PACKAGING.resolve("src/systemd/netrng-server.service")))
        .contains("LimitNOFILE=" + limit.group(1));
    assertThat(Files.readAllLines(PACKAGING.resolve("src/upstart/netrng-server.conf")))
        .contains("limit nofile %1$s %1$s".formatted(limit.group(1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"netrng-server", "netrng-client"})
  void packagesDependOnTheLibrariesThatDpkgShlibdepsFinds(String name) throws Exception {
    // given a source package, which dpkg-shlibdeps requires
    Files.writeString(
        Files.createDirectories(directory.resolve("debian")).resolve("control"),
        "Source: netrng\n\nPackage: netrng\nArchitecture: any\n");
    Path layout = PACKAGING.resolve("target").resolve(name).toRealPath();

    // when
    String programs =
        """
        cd %1$s
        find %2$s/runtime %2$s/native -type f -exec sh -c \
          'head -c 4 "$1" | grep -q ELF' sh {} \\; -print0 | xargs -0 \
        """
            .formatted(directory, layout);
    String found =
        shell(
            programs
                + "dpkg-shlibdeps -O --ignore-missing-info -l%1$s/lib -l%1$s/lib/server"
                    .formatted(layout.resolve("runtime"))
                + " -l%s/lib/jli 2>/dev/null".formatted(layout.resolve("runtime")));
    String newest =
        shell(
            programs
                + "readelf --version-info --wide | grep -o 'GLIBC_2[0-9.]*' | sort -uV | tail -n 1");

    // then
    Set<String> packages =
        Stream.of(found.strip().replaceFirst(".*shlibs:Depends=", "").split(", ", -1))
            .map(dependency -> dependency.split(" ", -1)[0])
            .collect(Collectors.toSet());
    String depends =
        Machine.run(List.of("dpkg-deb", "--field", DebPackage.built(name).toString(), "Depends"));
    assertThat(
            Stream.of(depends.strip().split(", ", -1))
                .filter(each -> each.startsWith("lib") || each.startsWith("zlib"))
                .map(each -> each.split(" ", -1)[0]))
        .containsExactlyInAnyOrderElementsOf(packages);
    assertThat(depends)
        .contains("libc6 (>= %s)".formatted(newest.strip().replaceFirst("GLIBC_", "")));
  }

  private static String shell(String script) throws Exception {
    return Machine.run(List.of("sh", "-ec", script));
  }

  @Test
  void lintianReportsNothingForTheDebPackagesBeyondTheirOverrides() throws Exception {
    try (Stream<Path> files = Files.list(PACKAGING.resolve("target"))) {
      List<String> packages =
          files.map(Path::toString).filter(file -> file.endsWith(".deb")).sorted().toList();
      assertThat(packages).hasSize(2);
      for (String file : packages) {
        assertThat(
                Machine.run(List.of("lintian", "--allow-root", "--fail-on", "error,warning", file)))
            .isEmpty();
      }
    }
  }
}
