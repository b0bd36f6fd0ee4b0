package io.netrng.server.observability;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netrng.protocol.CloseCode;
import io.netrng.server.session.ClientSession;
import io.netrng.server.session.SessionEvent;
import io.netrng.server.session.Sessions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.context.event.EventListener;

/**
 * The clients in numbers: those that are let in, those that are refused, and what each label gets.
 * The series of a label end when its last session does.
 */
final class SessionMetrics {

  private final MeterRegistry registry;
  private final Map<String, LabelMeters> labels = new HashMap<>();

  SessionMetrics(MeterRegistry registry, Sessions sessions) {
    this.registry = registry;
    Gauge.builder("netrng.clients.connected", sessions, s -> s.clients().size())
        .description("Clients that are let in and connected.")
        .register(registry);
    Gauge.builder("netrng.promised.bytes.per.second", sessions, Sessions::promised)
        .description("The sum of the guarantees that are given.")
        .register(registry);
    FunctionCounter.builder("netrng.delivered", sessions, Sessions::delivered)
        .description("Bytes of entropy written to the sockets of all clients.")
        .baseUnit("bytes")
        .register(registry);
    for (CloseCode code : CloseCode.values()) {
      refused(code);
    }
  }

  @EventListener
  synchronized void on(SessionEvent event) {
    switch (event) {
      case SessionEvent.Came(ClientSession session) ->
          labels.computeIfAbsent(session.label(), LabelMeters::new).sessions.add(session);
      case SessionEvent.Left(ClientSession session, String reason) -> {
        left(reason).increment();
        LabelMeters meters = labels.get(session.label());
        if (meters != null && meters.lastLeft(session)) {
          labels.remove(session.label());
          meters.remove();
        }
      }
      case SessionEvent.Changed _ -> {}
      case SessionEvent.Refused refused -> refused(refused.code()).increment();
    }
  }

  private Counter refused(CloseCode code) {
    return Counter.builder("netrng.clients.refused")
        .description("Connections that ended before their client was let in, by what it was told.")
        .tag("reason", code.word())
        .register(registry);
  }

  private Counter left(String reason) {
    return Counter.builder("netrng.clients.left")
        .description("Clients that were let in and are gone, by the reason; kicked is one of them.")
        .tag("reason", reason)
        .register(registry);
  }

  /** The series of one label, summed over its sessions. */
  private final class LabelMeters {

    private final Set<ClientSession> sessions = new HashSet<>();
    private final List<Meter> meters;
    private long deliveredBefore;
    private double shortfallBefore;

    LabelMeters(String label) {
      meters =
          List.of(
              FunctionCounter.builder("netrng.client.delivered", this, LabelMeters::delivered)
                  .description("Bytes of entropy written to the sockets of this client.")
                  .baseUnit("bytes")
                  .tag("client", label)
                  .register(registry),
              FunctionCounter.builder("netrng.client.shortfall", this, LabelMeters::shortfall)
                  .description("Bytes that this client was promised, waited for and did not get.")
                  .baseUnit("bytes")
                  .tag("client", label)
                  .register(registry),
              Gauge.builder(
                      "netrng.client.guarantee.bytes.per.second", this, LabelMeters::guarantee)
                  .description("The rate that this client is guaranteed.")
                  .tag("client", label)
                  .register(registry));
    }

    boolean lastLeft(ClientSession session) {
      sessions.remove(session);
      deliveredBefore += session.delivered();
      shortfallBefore += session.shortfall();
      return sessions.isEmpty();
    }

    double delivered() {
      synchronized (SessionMetrics.this) {
        return deliveredBefore + sessions.stream().mapToLong(ClientSession::delivered).sum();
      }
    }

    double shortfall() {
      synchronized (SessionMetrics.this) {
        return shortfallBefore + sessions.stream().mapToDouble(ClientSession::shortfall).sum();
      }
    }

    double guarantee() {
      synchronized (SessionMetrics.this) {
        return sessions.stream().mapToLong(ClientSession::guarantee).sum();
      }
    }

    void remove() {
      meters.forEach(registry::remove);
    }
  }
}
