// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Prints the events that a server remembers, and the ones that follow. */
@Command(
    name = "events",
    description = "Prints the last 200 events: connections, refusals, kicks, device failures.",
    mixinStandardHelpOptions = true)
final class EventsCommand implements Callable<Integer> {

  private static final String DATA = "data:";

  @Mixin private ServerOptions server = new ServerOptions();

  @Option(names = "--follow", description = "Prints each new event, until Ctrl-C.")
  private boolean follow;

  @Override
  public Integer call() throws CommandFailure {
    try (ServerApi api = server.api()) {
      api.lines("/api/v1/events?follow=" + follow, this::print);
      return 0;
    }
  }

  private void print(String line) {
    if (!line.startsWith(DATA)) {
      return;
    }
    String data = line.substring(DATA.length());
    server.out().println(server.json() ? data : sentence(JsonMapper.shared().readTree(data)));
    server.out().flush();
  }

  private static String sentence(JsonNode event) {
    List<String> parts = new ArrayList<>();
    parts.add(event.path("at").asString());
    parts.add("%-12s".formatted(event.path("type").asString()));
    if (event.has("identity")) {
      parts.add(
          event.path("identity").equals(event.path("client"))
              ? event.path("identity").asString()
              : "%s (%s)"
                  .formatted(
                      event.path("identity").asString(),
                      event.path("client").asString("no label")));
    }
    Stream.of("device", "address", "reason")
        .map(field -> event.path(field).asString(""))
        .filter(text -> !text.isEmpty())
        .forEach(parts::add);
    return String.join("  ", parts);
  }
}
