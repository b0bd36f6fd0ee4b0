// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The Debian packages of this build. */
final class DebPackage {

  private static final Path BUILT = Path.of("..", "netrng-packaging", "target");

  private DebPackage() {}

  /** Returns the package of this name. */
  static Path built(String name) throws IOException {
    try (Stream<Path> files = Files.list(BUILT)) {
      return files
          .filter(file -> file.getFileName().toString().matches(name + "_.*\\.deb"))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Returns a copy of the package with a later version and a changed configuration file. */
  static Path ofLaterVersion(Path deb) throws Exception {
    Path tree = Path.of("target", "debian", "later");
    Path result = tree.resolveSibling("later.deb");
    Machine.run(List.of("rm", "-rf", tree.toString(), result.toString()));
    Files.createDirectories(tree.getParent());
    Machine.run(List.of("dpkg-deb", "--raw-extract", deb.toString(), tree.toString()));
    Path control = tree.resolve("DEBIAN/control");
    Files.writeString(
        control, Files.readString(control).replaceFirst("(?m)^Version: .*$", "Version: 99.0"));
    Path configuration = tree.resolve("etc/netrng/server.properties");
    Files.writeString(configuration, Files.readString(configuration) + "# of 99.0\n");
    Machine.run(List.of("dpkg-deb", "-Znone", "--build", tree.toString(), result.toString()));
    return result;
  }
}
