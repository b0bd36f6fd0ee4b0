// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;
import tools.jackson.databind.JsonNode;

/** The options of all commands that ask the server. */
final class ServerOptions {

  static final int PORT = 8080;

  @Spec(Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      defaultValue = "/etc/netrng/server.properties",
      description =
          "The server's configuration, for its port and token (default ${DEFAULT-VALUE}).")
  private Path config = Path.of("/etc/netrng/server.properties");

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The address of the server's HTTP (default: from the configuration).")
  private @Nullable String url;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "The file with the administrator's token (default: from the configuration).")
  private @Nullable Path tokenFile;

  @Option(names = "--json", description = "Prints JSON instead of a table.")
  private boolean json;

  /** Returns the API of the server that the options name. */
  ServerApi api() throws CommandFailure {
    Settings settings = new Settings(config);
    return new ServerApi(
        url == null ? settings.url(PORT) : url,
        tokenFile == null ? settings.tokenFile() : tokenFile);
  }

  boolean json() {
    return json;
  }

  /** Returns where the command prints. */
  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Prints an answer of the API. */
  void print(JsonNode answer) {
    out().println(answer.toPrettyString());
    out().flush();
  }
}
