// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The empty file {@code seeded} in the runtime directory of the service. It exists when the kernel
 * has been credited a seed and its generator uses it, so that other services can wait for it. The
 * service manager removes it when the client stops. Used by one thread.
 */
final class SeedMarker {

  private static final Logger log = LoggerFactory.getLogger(SeedMarker.class);

  private final Optional<Path> file;
  private boolean isSet;

  /**
   * Names the file.
   *
   * @param environment the variables of this process. {@code RUNTIME_DIRECTORY} has the directories
   *     that systemd has created, with colons between; without it, there is no file
   */
  SeedMarker(Map<String, String> environment) {
    file =
        Optional.ofNullable(environment.get("RUNTIME_DIRECTORY"))
            .map(directories -> Path.of(directories.replaceFirst(":.*", ""), "seeded"));
  }

  /** Creates the file at the first call. */
  void set() {
    if (!isSet) {
      isSet = true;
      file.ifPresent(SeedMarker::create);
    }
  }

  private static void create(Path file) {
    try {
      Files.write(file, new byte[0]);
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("reason", Objects.requireNonNullElse(e.getMessage(), e.toString()))
          .log("services that wait for the first seed are not notified");
    }
  }
}
