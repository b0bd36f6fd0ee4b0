// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Checks the apps on this machine, with the exit codes and the output of a Nagios plugin. */
@Command(
    name = "status",
    description = {
      "Checks the server and the client on this machine. Needs no token.",
      "The exit code is 0 for OK, 1 for WARNING, 2 for CRITICAL, 3 for UNKNOWN, as Nagios expects."
    },
    exitCodeOnInvalidInput = StatusCommand.UNKNOWN,
    exitCodeOnExecutionException = StatusCommand.UNKNOWN,
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

  static final int UNKNOWN = 3;

  /** An app that can be checked. */
  enum App {
    SERVER(ServerOptions.PORT),
    CLIENT(8081);

    private final int port;

    App(int port) {
      this.port = port;
    }

    String externalName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "APP",
      arity = "0..*",
      description = "server, client or both (default: what has a configuration file).")
  private Set<App> apps = EnumSet.noneOf(App.class);

  @Mixin private ConfigDirectory directory = new ConfigDirectory();

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The address of the app's HTTP, for one app (default: from its configuration).")
  private @Nullable String url;

  @Option(names = "--json", description = "Prints JSON instead of one line.")
  private boolean json;

  @Override
  public Integer call() throws CommandFailure {
    List<AppHealth> health = new ArrayList<>();
    for (App app : wanted()) {
      Settings settings = new Settings(file(app));
      String address = url == null ? settings.url(app.port) : url;
      health.add(AppHealth.of(app, address).withCertificates(address));
    }
    AppHealth.Level level =
        health.stream()
            .map(AppHealth::level)
            .max(Comparator.naturalOrder())
            .orElse(AppHealth.Level.UNKNOWN);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ObjectNode answer = JsonMapper.shared().createObjectNode();
      answer.put("status", level.name());
      health.forEach(app -> answer.set(app.app().externalName(), app.json()));
      out.println(answer.toPrettyString());
    } else {
      out.printf(
          "NETRNG %s - %s%n",
          level, health.stream().map(AppHealth::line).collect(Collectors.joining("; ")));
    }
    out.flush();
    return level.exitCode();
  }

  private Path file(App app) {
    return directory.resolve(app.externalName() + ".properties");
  }

  private Set<App> wanted() {
    if (!apps.isEmpty()) {
      return apps;
    }
    Set<App> configured = EnumSet.allOf(App.class);
    configured.removeIf(app -> !Files.exists(file(app)));
    return configured.isEmpty() ? EnumSet.allOf(App.class) : configured;
  }
}
