// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options and errors to which the jars respond without starting an application. */
class CommandLineIT {

  /** The distribution's Java, which is older than NetRNG requires. */
  private static final Path OLD_JAVA = Path.of("/usr/lib/jvm/default-java/bin/java");

  private record Answer(int exitCode, String output) {}

  private static Answer run(Path java, String app, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        Stream.concat(
                Stream.of(
                    java.toString(),
                    "-jar",
                    "../netrng-%1$s-app/target/netrng-%1$s-app.jar".formatted(app)),
                Stream.of(arguments))
            .toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Answer(process.waitFor(), output);
  }

  private static Answer run(String app, String... arguments)
      throws IOException, InterruptedException {
    return run(Path.of(System.getProperty("java.home"), "bin", "java"), app, arguments);
  }

  @ParameterizedTest
  @ValueSource(strings = {"server", "client"})
  void helpNamesTheMainPropertiesAndTheVersion(String app) throws Exception {
    Answer answer = run(app, "--help");
    assertThat(answer.exitCode()).isZero();
    assertThat(answer.output())
        .startsWith("netrng-%s 1.".formatted(app))
        .contains("Usage: java -jar", "--netrng.%s.".formatted(app), "docs/configuration.md")
        .doesNotContain("@", "INFO");
  }

  @ParameterizedTest
  @ValueSource(strings = {"server", "client"})
  void versionIsOneLine(String app) throws Exception {
    Answer answer = run(app, "--version");
    assertThat(answer.exitCode()).isZero();
    assertThat(answer.output()).matches("netrng-%s [0-9.]+[^ ]*\n".formatted(app));
  }

  @Test
  void anArgumentThatIsNoPropertyIsOneSentence() throws Exception {
    Answer answer = run("server", "start");
    assertThat(answer.exitCode()).isEqualTo(2);
    assertThat(answer.output().lines()).singleElement().asString().contains("'start'", "--help");
  }

  @ParameterizedTest
  @ValueSource(strings = {"server", "client"})
  void anOldJavaIsOneSentence(String app) throws Exception {
    Answer answer = run(OLD_JAVA, app);
    assertThat(answer.exitCode()).isEqualTo(1);
    assertThat(answer.output().lines())
        .singleElement()
        .asString()
        .contains("NetRNG needs Java 25 or newer", "is Java ");
  }
}
