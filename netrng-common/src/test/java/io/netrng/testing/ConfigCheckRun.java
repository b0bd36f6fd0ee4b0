// SPDX-License-Identifier: Apache-2.0
package io.netrng.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * An app's {@code --check-config}, in a process of its own, because it changes the JVM's logging.
 *
 * @param exitCode the exit code
 * @param output what it printed
 */
public record ConfigCheckRun(int exitCode, String output) {

  /** Checks a configuration file. */
  public static ConfigCheckRun of(Class<?> main, Path config)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    main.getName(),
                    "--check-config",
                    "--spring.config.additional-location=file:" + config))
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new ConfigCheckRun(process.waitFor(), output);
  }
}
