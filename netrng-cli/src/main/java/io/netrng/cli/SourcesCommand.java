// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** Lists the devices. */
@Command(
    name = "sources",
    description = "Lists the devices with their states, rates and health tests.",
    mixinStandardHelpOptions = true)
final class SourcesCommand implements Callable<Integer> {

  @Mixin private ServerOptions server = new ServerOptions();

  @Override
  public Integer call() throws CommandFailure {
    try (ServerApi api = server.api()) {
      JsonNode sources = api.get("/api/v1/sources");
      if (server.json()) {
        server.print(sources);
      } else {
        show(sources);
      }
      return 0;
    }
  }

  private void show(JsonNode sources) {
    Table table =
        new Table("DEVICE", "STATE", "RATE", "CAPACITY", "READ", "FAILURES", "LAST FAILURE");
    for (JsonNode device : sources.path("sources")) {
      long failures = device.path("testFailures").valueStream().mapToLong(JsonNode::asLong).sum();
      table.add(
          device.path("device").asString(),
          device.path("state").asString(),
          Quantity.rate(device.path("rate").asDouble()),
          device.has("capacity") ? Quantity.rate(device.path("capacity").asDouble()) : "unknown",
          Quantity.bytes(device.path("read").asDouble()),
          Long.toString(failures),
          device.has("lastFailure")
              ? "%s %s"
                  .formatted(
                      device.path("lastFailure").path("at").asString(),
                      device.path("lastFailure").path("reason").asString())
              : "none");
    }
    table.print(server.out());
    for (JsonNode device : sources.path("sources")) {
      for (JsonNode warning : device.path("warnings")) {
        server
            .out()
            .printf(
                "Warning: %s: %s.%n",
                device.path("device").asString(), warning.path("text").asString());
      }
    }
    server
        .out()
        .printf(
            "Guaranteed: %s of %s; capacity %s%s%n",
            Quantity.rate(sources.path("promised").asDouble()),
            Quantity.rate(sources.path("promisable").asDouble()),
            Quantity.rate(sources.path("capacity").asDouble()),
            sources.path("degraded").asBoolean() ? "; DEGRADED: below the guarantees" : "")
        .flush();
  }
}
