// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Lists the clients that are refused for a time, or lifts the hold of one. */
@Command(
    name = "hold",
    description = "Lists the kicked clients that are refused for a time, or lifts a hold.",
    mixinStandardHelpOptions = true)
final class HoldCommand implements Callable<Integer> {

  @Mixin private ServerOptions server = new ServerOptions();

  @Option(
      names = "--lift",
      paramLabel = "NAME",
      description = "Lifts the hold of a client with this identity, label or id.")
  private @Nullable String lifted;

  @Override
  public Integer call() throws CommandFailure {
    try (ServerApi api = server.api()) {
      JsonNode holds = api.get("/api/v1/holds");
      if (lifted != null) {
        lift(api, holds, lifted);
      } else if (server.json()) {
        server.print(holds);
      } else {
        Table table = new Table("CLIENT", "UNTIL", "ID");
        for (JsonNode hold : holds) {
          table.add(
              ClientsCommand.name(hold), hold.path("until").asString(), hold.path("id").asString());
        }
        table.print(server.out());
      }
      return 0;
    }
  }

  private void lift(ServerApi api, JsonNode holds, String name) throws CommandFailure {
    List<JsonNode> found = ServerApi.named(holds, name);
    if (found.isEmpty()) {
      throw new CommandFailure("No hold refuses '%s': 'netrng hold' lists them.".formatted(name));
    }
    for (JsonNode hold : found) {
      api.delete("/api/v1/holds/" + hold.path("id").asString());
    }
    server.out().printf("%s may connect again.%n", name).flush();
  }
}
