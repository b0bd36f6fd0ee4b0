// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

@RestController
class EventsController {

  /** Keeps the connection open in proxies, and detects a disconnected listener. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);

  private final Journal journal;

  EventsController(Journal journal) {
    this.journal = journal;
  }

  @GetMapping(path = "/api/v1/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  Flux<ServerSentEvent<Event>> listen(
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId,
      @RequestParam(defaultValue = "true") boolean follow) {
    if (!follow) {
      return journal.remembered(number(lastEventId)).map(EventsController::sent);
    }
    Flux<ServerSentEvent<Event>> heartbeat =
        Flux.interval(HEARTBEAT).map(_ -> ServerSentEvent.<Event>builder().comment("").build());
    return journal
        .since(number(lastEventId))
        .map(EventsController::sent)
        .materialize()
        .mergeWith(heartbeat.materialize())
        .dematerialize();
  }

  private static ServerSentEvent<Event> sent(Journal.Entry entry) {
    return ServerSentEvent.builder(entry.event())
        .id(Long.toString(entry.id()))
        .event(entry.event().type())
        .build();
  }

  private static long number(@Nullable String id) {
    try {
      return id == null || id.isEmpty() ? 0 : Long.parseUnsignedLong(id);
    } catch (NumberFormatException e) {
      throw Problem.badRequest("Last-Event-ID = '%s' is no event's id: a number is.".formatted(id));
    }
  }
}
