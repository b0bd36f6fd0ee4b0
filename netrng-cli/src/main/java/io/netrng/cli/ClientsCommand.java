// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Lists the connected clients, once or again and again. */
@Command(
    name = "clients",
    description = "Lists the connected clients with their rates.",
    mixinStandardHelpOptions = true)
final class ClientsCommand implements Callable<Integer> {

  private static final String CLEAR = "\033[H\033[2J";
  private static final long INTERVAL_MILLIS = 2_000;

  @Mixin private ServerOptions server = new ServerOptions();

  @Option(names = "--watch", description = "Shows the list again every 2 s, until Ctrl-C.")
  private boolean watch;

  @Override
  public Integer call() throws CommandFailure, InterruptedException {
    try (ServerApi api = server.api()) {
      show(api);
      while (watch) {
        Thread.sleep(INTERVAL_MILLIS);
        server.out().print(CLEAR);
        show(api);
      }
      return 0;
    }
  }

  private void show(ServerApi api) throws CommandFailure {
    JsonNode answer = api.get("/api/v1/clients?sort=identity&size=10000");
    if (server.json()) {
      server.print(answer.path("clients"));
      return;
    }
    List<JsonNode> clients = answer.path("clients").valueStream().toList();
    Table table =
        new Table(
            "CLIENT", "STATE", "ADDRESS", "GUARANTEE", "CEILING", "RATE", "ATTAINED", "DELIVERED");
    for (JsonNode client : clients) {
      table.add(
          name(client),
          client.path("state").asString(),
          client.path("address").asString(),
          Quantity.rate(client.path("guarantee").asDouble()),
          client.has("ceiling") ? Quantity.rate(client.path("ceiling").asDouble()) : "none",
          Quantity.rate(client.path("rate").asDouble()),
          Quantity.percent(client.path("attainment").asDouble()),
          Quantity.bytes(client.path("delivered").asDouble()));
    }
    table.print(server.out());
    if (clients.isEmpty()) {
      server.out().println("No client is connected. 'netrng events' shows who was refused.");
      server.out().flush();
    }
  }

  /** Returns the identity, and the label behind it if it is another one. */
  static String name(JsonNode client) {
    String identity = client.path("identity").asString();
    String label = client.path("label").asString();
    return identity.equals(label) ? identity : "%s (%s)".formatted(identity, label);
  }
}
