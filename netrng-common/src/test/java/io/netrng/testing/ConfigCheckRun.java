// SPDX-License-Identifier: Apache-2.0
package io.netrng.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An app's {@code --check-config}, in a process of its own, because it changes the JVM's logging.
 *
 * @param exitCode the exit code
 * @param output what it printed
 */
public record ConfigCheckRun(int exitCode, String output) {

  /** Checks a configuration file. */
  public static ConfigCheckRun of(Class<?> main, Path config, String... javaOptions)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                "--check-config",
                "--spring.config.additional-location=file:" + config));
    command.addAll(1, List.of(javaOptions));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new ConfigCheckRun(process.waitFor(), output);
  }
}
