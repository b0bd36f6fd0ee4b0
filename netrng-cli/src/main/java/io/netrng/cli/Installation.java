// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where this command is installed. The script that starts it sets {@code netrng.lib}. */
final class Installation {

  private Installation() {}

  /**
   * Returns the script that creates certificates, which the server's package and the source have.
   */
  static Path certs() throws CommandFailure {
    Path script = lib().resolve("certs");
    if (!Files.isExecutable(script)) {
      throw new CommandFailure(
          "%s is missing: run this on the server, where netrng-server is installed."
              .formatted(script.toAbsolutePath()));
    }
    return script;
  }

  /** Returns the name of an app's package, service and user. */
  static String unit(StatusCommand.App app) {
    return "netrng-" + app.externalName();
  }

  /** Returns where an app's package is, if it is installed: beside the package of this command. */
  static Path directory(StatusCommand.App app) {
    return lib().resolveSibling(unit(app));
  }

  /** Whether an app is installed. */
  static boolean has(StatusCommand.App app) {
    return Files.isExecutable(java(app));
  }

  /** Returns the command that starts an installed app, as its unit does, without arguments. */
  static List<String> command(StatusCommand.App app) {
    Path directory = directory(app);
    return List.of(
        java(app).toString(),
        "@" + directory.resolve("java.options"),
        "-jar",
        directory.resolve(unit(app) + "-app.jar").toString());
  }

  private static Path java(StatusCommand.App app) {
    return directory(app).resolve("runtime/bin/java");
  }

  private static Path lib() {
    return Path.of(System.getProperty("netrng.lib", "scripts"));
  }
}
