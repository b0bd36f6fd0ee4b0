// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where this command is installed. The script that starts it sets {@code netrng.lib}. */
final class Installation {

  private Installation() {}

  /**
   * Returns the script that creates certificates, which the server's package and the source have.
   */
  static Path certs() throws CommandFailure {
    Path script = Path.of(System.getProperty("netrng.lib", "scripts"), "certs");
    if (!Files.isExecutable(script)) {
      throw new CommandFailure(
          "%s is missing: run this on the server, where netrng-server is installed."
              .formatted(script.toAbsolutePath()));
    }
    return script;
  }
}
