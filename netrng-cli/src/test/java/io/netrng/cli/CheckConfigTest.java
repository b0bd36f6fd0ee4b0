// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The arguments of check-config, with programs in the place of the installed apps. */
class CheckConfigTest {

  @TempDir private Path lib;

  private record Result(int exitCode, String out, String err) {}

  @BeforeEach
  void installTheCommand() {
    System.setProperty("netrng.lib", lib.resolve("netrng-server").toString());
  }

  @AfterEach
  void removeTheCommand() {
    System.clearProperty("netrng.lib");
  }

  /** Installs a program that prints its arguments. */
  private void install(String app, int exitCode) throws IOException {
    Path java = lib.resolve("netrng-" + app).resolve("runtime/bin/java");
    Files.createDirectories(java.getParent());
    Files.writeString(java, "#!/bin/sh\necho \"$*\"\nexit %d\n".formatted(exitCode));
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String commandOf(String app, Path config) {
    return "@%1$s/java.options -jar %1$s/netrng-%2$s-app.jar --check-config --spring.config.additional-location=file:%3$s\n"
        .formatted(lib.resolve("netrng-" + app), app, config);
  }

  private static Result check(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] all = new String[arguments.length + 1];
    all[0] = "check-config";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    int exitCode =
        Netrng.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(all);
    return new Result(exitCode, out.toString(), err.toString());
  }

  @Test
  void checksEachInstalledAppByDefault() throws IOException {
    // given
    install("server", 0);
    install("client", 0);

    // then
    assertThat(check())
        .isEqualTo(
            new Result(
                0,
                commandOf("server", Path.of("/etc/netrng/server.properties"))
                    + commandOf("client", Path.of("/etc/netrng/client.properties")),
                ""));
    assertThat(check("client").out())
        .isEqualTo(commandOf("client", Path.of("/etc/netrng/client.properties")));
  }

  @Test
  void aMistakeOfOneAppIsAFailureOnStandardError() throws IOException {
    // given
    install("server", 1);
    install("client", 0);

    // when
    Result result = check();

    // then
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("server.properties");
    assertThat(result.out()).contains("client.properties");
  }

  @Test
  void checksAnotherFileOfTheOnlyInstalledApp() throws IOException {
    // given
    install("client", 0);

    // then
    assertThat(check("--config", "new.properties").out())
        .isEqualTo(commandOf("client", Path.of("new.properties").toAbsolutePath()));
  }

  @Test
  void anotherFileWithoutTheNameOfItsAppIsAWrongArgument() throws IOException {
    // given
    install("server", 0);
    install("client", 0);

    // when
    Result result = check("--config", "new.properties");

    // then
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).startsWith("Name the app that new.properties is for");
    assertThat(check("--config", "new.properties", "server").exitCode()).isZero();
  }

  @Test
  void anAppThatIsNotInstalledIsNamed() throws IOException {
    assertThat(check().err()).startsWith("Neither netrng-server nor netrng-client is installed");
    install("server", 0);
    assertThat(check("client"))
        .isEqualTo(
            new Result(
                1,
                "",
                "netrng-client is not installed at %s.\n".formatted(lib.resolve("netrng-client"))));
    assertThat(check("router").exitCode()).isEqualTo(2);
  }
}
