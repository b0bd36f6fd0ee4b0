// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.logging.LogRateLimiter;
import io.netrng.protocol.CloseCode;
import io.netrng.server.device.HardwareRng;
import io.netrng.server.session.ClientSession;
import io.netrng.server.session.SessionEvent;
import io.netrng.server.session.SessionRegistry;
import io.netrng.server.source.DeviceState;
import io.netrng.server.source.DeviceStatus;
import io.netrng.server.source.Source;
import io.netrng.server.source.SourceStatus;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import reactor.core.publisher.BufferOverflowStrategy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * The recent events, and a stream of later events for listeners. Devices and guarantees are checked
 * once per second. A failure between two checks is not missed, because a device keeps its last
 * failure.
 */
@Component
final class Journal {

  private static final int REMEMBERED = 200;

  /** The maximum lag of a slow listener, in events; beyond it the listener misses events. */
  private static final int MOST_WAITING = 1_000;

  private final Source source;
  private final SessionRegistry sessions;
  private final Sinks.Many<Entry> entries = Sinks.many().replay().limit(REMEMBERED);
  private final Map<String, Instant> failures = new HashMap<>();
  private final LogRateLimiter refusals = new LogRateLimiter(System::nanoTime);
  private final Set<String> failed = new HashSet<>();
  private final Map<String, String> drivers = new HashMap<>();
  private boolean degraded;
  private long lastId;

  /**
   * An event with its number.
   *
   * @param id one more than the number of the event before, in one life of the server
   */
  record Entry(long id, Event event) {}

  Journal(Source source, SessionRegistry sessions) {
    this.source = source;
    this.sessions = sessions;
  }

  /**
   * Returns the remembered events after an event, and all later ones.
   *
   * @param id the number of that event; a number that was not assigned yet returns all remembered
   *     events
   */
  Flux<Entry> since(long id) {
    long from = id > lastId() ? 0 : id;
    return entries
        .asFlux()
        .filter(entry -> entry.id > from)
        .onBackpressureBuffer(MOST_WAITING, BufferOverflowStrategy.DROP_OLDEST);
  }

  /** Returns the remembered events after an event, as {@link #since} does, and ends. */
  Flux<Entry> remembered(long id) {
    long last = lastId();
    return last == 0 || id == last ? Flux.empty() : since(id).takeUntil(entry -> entry.id >= last);
  }

  private synchronized long lastId() {
    return lastId;
  }

  @EventListener
  void on(SessionEvent event) {
    switch (event) {
      case SessionEvent.Connected(ClientSession client) ->
          add(Event.of(Event.Type.CONNECTED, client, null));
      case SessionEvent.Changed(ClientSession client) ->
          add(Event.of(Event.Type.CHANGED, client, null));
      case SessionEvent.Disconnected(ClientSession client, String reason) -> {
        boolean kicked = reason.equals(CloseCode.KICKED.externalName());
        add(Event.of(kicked ? Event.Type.KICKED : Event.Type.DISCONNECTED, client, reason));
      }
      case SessionEvent.Refused(CloseCode code, String reason, SessionEvent.Applicant applicant) ->
          refusals
              .tryAcquire()
              .ifPresent(_ ->
                  add(
                      Event.ofApplicant(
                          Event.Type.REFUSED, applicant, code.externalName() + ": " + reason)));
    }
  }

  /** Checks devices and guarantees. */
  @Scheduled(fixedRate = 1_000)
  void look() {
    source.devices().forEach(this::look);
    SourceStatus status = source.status();
    // When all devices have failed, the clients disconnect and take their guarantees with them.
    boolean now = sessions.isDegraded() || (degraded && !status.isHealthy());
    if (now != degraded) {
      degraded = now;
      String reason =
          "the devices provide %.0fB/s, and the sum of the guarantees is %dB/s"
              .formatted(status.capacity(), sessions.promised());
      add(Event.ofPromises(now ? Event.Type.DEGRADED : Event.Type.RECOVERED, reason));
    }
  }

  private void look(DeviceStatus device) {
    HardwareRng now = device.info().hardwareRng();
    if (now != null) {
      String before = drivers.put(device.device(), now.current());
      if (before != null && !before.equals(now.current())) {
        add(Event.ofDevice(Event.Type.CHANGED, device, "driver is now " + now.current()));
      }
    }
    DeviceStatus.Failure failure = device.lastFailure();
    if (failure != null && !failure.at().equals(failures.put(device.device(), failure.at()))) {
      failed.add(device.device());
      add(Event.ofDevice(Event.Type.FAILED, device, failure.reason()));
    }
    if (device.state() == DeviceState.HEALTHY && failed.remove(device.device())) {
      add(Event.ofDevice(Event.Type.RECOVERED, device, "passed its start-up test"));
    }
  }

  private synchronized void add(Event event) {
    entries.tryEmitNext(new Entry(++lastId, event));
  }

  /** Ends the streams of all listeners; otherwise the web server's stop would wait for them. */
  @EventListener
  synchronized void on(ContextClosedEvent closed) {
    entries.tryEmitComplete();
  }
}
