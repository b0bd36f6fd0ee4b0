// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. The exit code is 0, 1 for a failure, or 2 for wrong arguments. */
@Command(
    name = "netrng",
    description = "Shows and controls NetRNG on this machine.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      StatusCommand.class,
      CheckConfigCommand.class,
      ClientsCommand.class,
      SourcesCommand.class,
      EventsCommand.class,
      KickCommand.class,
      HoldCommand.class,
      RatesCommand.class,
      CaptureCommand.class,
      AuditCommand.class,
      AddClientCommand.class,
      RemoveClientCommand.class,
      JoinCommand.class,
      VersionCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Netrng implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** Returns the parser with all subcommands. */
  static CommandLine commandLine() {
    return new CommandLine(new Netrng())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((failure, commandLine, _) -> {
          if (!(failure instanceof CommandFailure)) {
            throw failure;
          }
          commandLine.getErr().println(failure.getMessage());
          return CommandLine.ExitCode.SOFTWARE;
        });
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Name a command, such as 'netrng status'; 'netrng help' lists them.");
  }
}
