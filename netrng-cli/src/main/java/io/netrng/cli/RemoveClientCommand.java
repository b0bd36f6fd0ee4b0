// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Revokes a client: the server denies its name. */
@Command(
    name = "remove-client",
    description = {
      "Denies a client by its name in server.properties, and deletes its certificate and key here.",
      "The server disconnects it at once, or within about 5 s where systemd does not run it."
    },
    mixinStandardHelpOptions = true)
final class RemoveClientCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "NAME", description = "The client's name.")
  private String name = "";

  @Option(
      names = "--config-dir",
      paramLabel = "DIRECTORY",
      defaultValue = "/etc/netrng",
      description = "The directory of server.properties (default ${DEFAULT-VALUE}).")
  private Path directory = Path.of("/etc/netrng");

  @Override
  public Integer call() throws CommandFailure {
    try {
      PropertiesFile properties = new PropertiesFile(directory.resolve("server.properties"));
      List<String> denied =
          AddClientCommand.names(properties.get(AddClientCommand.DENIED).orElse(""));
      if (!denied.contains(name)) {
        properties.set(
            AddClientCommand.DENIED,
            Stream.concat(denied.stream(), Stream.of(name)).collect(Collectors.joining(",")));
        properties.write();
        Programs.reloadServer();
      }
      for (String suffix : List.of(".crt", ".key", ".properties")) {
        Files.deleteIfExists(directory.resolve("authority").resolve(name + suffix));
      }
      spec.commandLine()
          .getOut()
          .printf("%s is denied: the server disconnects it.%n", name)
          .flush();
      return 0;
    } catch (IOException e) {
      throw new CommandFailure(
          "%s cannot be changed (%s): run this as root."
              .formatted(directory, e.getClass().getSimpleName()),
          e);
    }
  }
}
