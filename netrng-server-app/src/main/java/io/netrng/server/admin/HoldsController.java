// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.server.session.Holds;
import io.netrng.server.session.SessionRegistry;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;

@RestController
@RequestMapping("/api/v1/holds")
class HoldsController {

  private final SessionRegistry sessions;
  private final ActionLog actions;

  HoldsController(SessionRegistry sessions, ActionLog actions) {
    this.sessions = sessions;
    this.actions = actions;
  }

  /** A hold in the API. */
  record HoldView(String id, String identity, String label, Instant until) {

    private static HoldView of(Holds.Hold hold) {
      return new HoldView(
          hold.id(), hold.identity(), hold.label(), Instant.now().plus(hold.left()));
    }
  }

  @GetMapping
  List<HoldView> list() {
    return sessions.holds().all().stream()
        .map(HoldView::of)
        .sorted(Comparator.comparing(HoldView::until))
        .toList();
  }

  @DeleteMapping("/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void lift(@PathVariable String id, ServerWebExchange exchange) {
    Holds.Hold lifted =
        sessions
            .holds()
            .lift(id)
            .orElseThrow(() -> Problem.notFound("there is no hold " + id + "."));
    actions.act(
        "lift-hold",
        exchange,
        line ->
            line.addKeyValue("client", lifted.label()).addKeyValue("identity", lifted.identity()));
  }
}
