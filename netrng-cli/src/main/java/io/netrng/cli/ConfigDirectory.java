// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option of all commands that read or change configuration files. */
final class ConfigDirectory {

  @Option(
      names = "--config-dir",
      paramLabel = "DIRECTORY",
      defaultValue = "/etc/netrng",
      description =
          "The directory of server.properties and client.properties (default ${DEFAULT-VALUE}).")
  private Path path = Path.of("/etc/netrng");

  Path path() {
    return path;
  }

  Path resolve(String file) {
    return path.resolve(file);
  }
}
