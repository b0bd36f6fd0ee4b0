// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.server.session.ClientSession;
import io.netrng.server.session.SessionRegistry;
import io.netrng.server.source.Source;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

@RestController
@RequestMapping("/api/v1/clients")
class ClientsController {

  private static final String LARGEST_PAGE = "10000";
  private static final Duration LONGEST_HOLD_OFF = Duration.ofDays(365);

  private final SessionRegistry sessions;
  private final Source source;
  private final ActionLog actions;

  ClientsController(SessionRegistry sessions, Source source, ActionLog actions) {
    this.sessions = sessions;
    this.source = source;
    this.actions = actions;
  }

  /** One page of the list of clients. */
  record ClientPage(int total, int page, int size, List<ClientView> clients) {}

  @GetMapping
  ClientPage list(
      @RequestParam(defaultValue = "") String label,
      @RequestParam(defaultValue = "label") String sort,
      @RequestParam(defaultValue = "0") int page,
      @RequestParam(defaultValue = "100") int size) {
    ClientOrder order = ClientOrder.of(sort);
    if (page < 0) {
      throw Problem.badRequest("page = %d is no page: the first is 0.".formatted(page));
    }
    if (size < 1 || size > Integer.parseInt(LARGEST_PAGE)) {
      throw Problem.badRequest("size = %d is out of range: 1 to %s.".formatted(size, LARGEST_PAGE));
    }
    String wanted = label.toLowerCase(Locale.ROOT);
    boolean available = source.status().isHealthy();
    List<ClientView> all =
        sessions.clients().stream()
            .filter(client -> client.label().toLowerCase(Locale.ROOT).contains(wanted))
            .map(client -> ClientView.of(client, available))
            .sorted(order)
            .toList();
    return new ClientPage(
        all.size(), page, size, all.stream().skip((long) page * size).limit(size).toList());
  }

  @GetMapping("/{id}")
  ClientView show(@PathVariable String id) {
    return view(find(id));
  }

  @DeleteMapping("/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void kick(
      @PathVariable String id,
      @RequestParam(name = "hold-off", required = false) @Nullable Duration holdOff,
      ServerWebExchange exchange) {
    ClientSession client = find(id);
    if (holdOff == null) {
      sessions.kick(client);
    } else if (holdOff.isPositive() && holdOff.compareTo(LONGEST_HOLD_OFF) <= 0) {
      sessions.kick(client, holdOff);
    } else {
      throw Problem.badRequest(
          "hold-off = %s is out of range: more than nothing, at most %s."
              .formatted(holdOff, LONGEST_HOLD_OFF));
    }
    actions.act(
        "kick",
        exchange,
        line ->
            line.addKeyValue("session", id)
                .addKeyValue("client", client.label())
                .addKeyValue("identity", client.identity().name())
                .addKeyValue("hold-off", holdOff == null ? "none" : holdOff));
  }

  @PatchMapping("/{id}")
  Mono<ClientView> change(
      @PathVariable String id, @RequestBody RateChange change, ServerWebExchange exchange) {
    ClientSession client = find(id);
    long guarantee = change.guaranteeOr(client.guarantee());
    long ceiling = change.ceilingOr(client.ceiling());
    return sessions
        .change(client, guarantee, ceiling)
        .map((Optional<String> refusal) -> {
          if (refusal.isPresent()) {
            throw Problem.conflict(refusal.get());
          }
          ClientView changed = view(client);
          actions.act(
              "change",
              exchange,
              line ->
                  line.addKeyValue("session", id)
                      .addKeyValue("client", changed.label())
                      .addKeyValue("identity", changed.identity())
                      .addKeyValue("guarantee", guarantee)
                      .addKeyValue("ceiling", changed.ceiling()));
          return changed;
        });
  }

  private ClientView view(ClientSession client) {
    return ClientView.of(client, source.status().isHealthy());
  }

  private ClientSession find(String id) {
    try {
      return sessions
          .client(Long.parseUnsignedLong(id))
          .orElseThrow(() -> Problem.notFound("no client " + id + " is connected."));
    } catch (NumberFormatException e) {
      throw Problem.badRequest("'%s' is no client's id: a number is.".formatted(id));
    }
  }
}
