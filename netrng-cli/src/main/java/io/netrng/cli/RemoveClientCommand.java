// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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

  @Mixin private ConfigDirectory directory = new ConfigDirectory();

  @Override
  public Integer call() throws CommandFailure {
    try {
      PropertiesFile properties = new PropertiesFile(directory.resolve("server.properties"));
      if (new DeniedNames(properties).add(name)) {
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
              .formatted(directory.path(), e.getClass().getSimpleName()),
          e);
    }
  }
}
