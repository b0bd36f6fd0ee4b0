// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Disconnects a client. */
@Command(
    name = "kick",
    description = "Disconnects a client, and refuses it for a time if --for is given.",
    mixinStandardHelpOptions = true)
final class KickCommand implements Callable<Integer> {

  @Mixin private ServerOptions server = new ServerOptions();

  @Parameters(paramLabel = "NAME", description = "The client's identity, label or id.")
  private String name = "";

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = Quantity.TimeConverter.class,
      description = "How long the client is refused, such as 5m, at most 365d.")
  private @Nullable Duration hold;

  @Override
  public Integer call() throws CommandFailure {
    try (ServerApi api = server.api()) {
      int kicked = 0;
      for (JsonNode client : api.clients(name)) {
        api.delete(
            "/api/v1/clients/%s%s"
                .formatted(client.path("id").asString(), hold == null ? "" : "?hold-off=" + hold));
        kicked++;
        if (hold != null) {
          // The hold ends all sessions of this identity.
          break;
        }
      }
      server
          .out()
          .println(
              hold == null
                  ? "Kicked %s (connections: %d); it may connect again after a minute."
                      .formatted(name, kicked)
                  : "Kicked %s; it is refused for %s. 'netrng hold' lists the holds."
                      .formatted(name, hold));
      server.out().flush();
      return 0;
    }
  }
}
