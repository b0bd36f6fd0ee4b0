// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the option --check-config of the installed apps. */
@Command(
    name = "check-config",
    description = {
      "Checks the configuration of the apps on this machine as a start does, and starts nothing.",
      "As root, it reads the files with the rights of the service's user."
    },
    mixinStandardHelpOptions = true)
final class CheckConfigCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "APP",
      arity = "0..1",
      description = "server or client (default: each that is installed).")
  private StatusCommand.@Nullable App app;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The file to check (default: /etc/netrng/APP.properties).")
  private @Nullable Path config;

  @Override
  public Integer call() throws CommandFailure {
    List<StatusCommand.App> apps = apps();
    int exitCode = 0;
    for (StatusCommand.App checked : apps) {
      Path file =
          config == null
              ? Path.of("/etc/netrng", checked.externalName() + ".properties")
              : config.toAbsolutePath();
      exitCode = Math.max(exitCode, check(checked, file));
    }
    return exitCode;
  }

  private List<StatusCommand.App> apps() throws CommandFailure {
    List<StatusCommand.App> installed =
        Arrays.stream(StatusCommand.App.values()).filter(Installation::has).toList();
    if (app != null && !installed.contains(app)) {
      throw new CommandFailure(
          "%s is not installed at %s."
              .formatted(Installation.unit(app), Installation.directory(app).toAbsolutePath()));
    }
    if (installed.isEmpty()) {
      throw new CommandFailure(
          "Neither netrng-server nor netrng-client is installed: check the configuration of a jar with"
              + " 'java -jar netrng-server-app.jar --check-config'.");
    }
    List<StatusCommand.App> chosen = app == null ? installed : List.of(app);
    if (config != null && chosen.size() > 1) {
      throw new ParameterException(
          spec.commandLine(), "Name the app that %s is for: server or client.".formatted(config));
    }
    return chosen;
  }

  private int check(StatusCommand.App checked, Path file) throws CommandFailure {
    List<String> command = new ArrayList<>(asUserOf(Installation.unit(checked)));
    command.addAll(Installation.command(checked));
    command.add("--check-config");
    command.add("--spring.config.additional-location=file:" + file);
    // The services run in the root directory, where no other configuration is found.
    Programs.Result result = Programs.resultOf(command, Path.of("/"));
    boolean valid = result.exitCode() == 0;
    PrintWriter writer = valid ? spec.commandLine().getOut() : spec.commandLine().getErr();
    writer.print(result.output());
    writer.flush();
    return valid ? 0 : 1;
  }

  /** Returns what runs a command as the service's user, if root checks and there is this user. */
  private static List<String> asUserOf(String unit) {
    if (!"root".equals(System.getProperty("user.name"))) {
      return List.of();
    }
    try {
      FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(unit);
      return List.of("setpriv", "--reuid=" + unit, "--regid=" + unit, "--init-groups");
    } catch (IOException e) {
      // Without the package's user, root runs the app.
      return List.of();
    }
  }
}
