// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Changes the rates of a connected client until it disconnects. */
@Command(
    name = "rates",
    description = {
      "Changes the guarantee or the ceiling of a connected client until it disconnects.",
      "To keep a change, set netrng.server.clients[] in the configuration."
    },
    mixinStandardHelpOptions = true)
final class RatesCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOptions server = new ServerOptions();

  @Parameters(paramLabel = "NAME", description = "The client's identity, label or id.")
  private String name = "";

  @Option(
      names = "--guarantee",
      paramLabel = "RATE",
      converter = Quantity.RateConverter.class,
      description = "The guaranteed rate, such as 4KB/s; 0B/s is best effort.")
  private @Nullable Long guarantee;

  @Option(
      names = "--ceiling",
      paramLabel = "RATE",
      converter = Quantity.RateConverter.class,
      description = "The maximum rate; 0B/s is no limit.")
  private @Nullable Long ceiling;

  @Override
  public Integer call() throws CommandFailure {
    if (guarantee == null && ceiling == null) {
      throw new ParameterException(spec.commandLine(), "Give --guarantee or --ceiling, or both.");
    }
    ObjectNode change = JsonMapper.shared().createObjectNode();
    if (guarantee != null) {
      change.put("guarantee", guarantee);
    }
    if (ceiling != null) {
      change.put("ceiling", ceiling);
    }
    try (ServerApi api = server.api()) {
      for (JsonNode client : api.clients(name)) {
        JsonNode changed = api.patch("/api/v1/clients/" + client.path("id").asString(), change);
        if (server.json()) {
          server.print(changed);
        } else {
          server
              .out()
              .printf(
                  "%s: guarantee %s, ceiling %s%n",
                  ClientsCommand.name(changed),
                  Quantity.rate(changed.path("guarantee").asDouble()),
                  changed.has("ceiling")
                      ? Quantity.rate(changed.path("ceiling").asDouble())
                      : "none")
              .flush();
        }
      }
      return 0;
    }
  }
}
