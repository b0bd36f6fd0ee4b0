// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.observability;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netrng.protocol.CloseCode;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.session.ClientSession;
import io.netrng.server.session.DeliveryState;
import io.netrng.server.session.Listener;
import io.netrng.server.session.SessionEvent;
import io.netrng.server.session.SessionRegistry;
import io.netrng.tls.Negotiated;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.springframework.context.event.EventListener;

/**
 * The metrics of clients: those that are admitted, those that are refused, and the deliveries of
 * each label. The series of a label end when its last session ends.
 */
final class SessionMetrics {

  /** From a best-effort client of a busy fast device to one of a slow device. */
  private static final Duration[] WAITS = {
    Duration.ofMillis(1),
    Duration.ofMillis(10),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofMinutes(1),
    Duration.ofMinutes(2),
    Duration.ofMinutes(5)
  };

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final MeterRegistry registry;
  private final boolean perClient;
  private final Map<String, LabelMeters> labels = new HashMap<>();

  SessionMetrics(
      MeterRegistry registry,
      SessionRegistry sessions,
      Distributor distributor,
      MetricsProperties properties) {
    this.registry = registry;
    perClient = properties.perClient();
    Gauge.builder("netrng.clients.connected", sessions, s -> s.clients().size())
        .description("Connected clients.")
        .register(registry);
    Gauge.builder("netrng.clients.starved", sessions, s -> s.states().get(DeliveryState.STARVED))
        .description(
            "Clients that have waited for a sample for longer than their guarantee permits.")
        .register(registry);
    Gauge.builder("netrng.promised.bytes.per.second", sessions, SessionRegistry::promised)
        .description("The sum of the guarantees.")
        .register(registry);
    Gauge.builder("netrng.promisable.bytes.per.second", sessions, SessionRegistry::promisable)
        .description("The maximum sum of guarantees: the capacity without the headroom.")
        .register(registry);
    Gauge.builder("netrng.degraded", sessions, s -> s.isDegraded() ? 1 : 0)
        .description("1 while the devices provide less than the sum of the guarantees.")
        .register(registry);
    FunctionCounter.builder("netrng.delivered", sessions, SessionRegistry::delivered)
        .description("Bytes of entropy written to the sockets of all clients.")
        .baseUnit("bytes")
        .register(registry);
    for (Listener listener : Listener.values()) {
      Gauge.builder("netrng.listener.clients", sessions, s -> s.connected(listener))
          .description("Connected clients, by listener.")
          .tag("listener", listener.externalName())
          .register(registry);
      FunctionCounter.builder("netrng.listener.delivered", sessions, s -> s.delivered(listener))
          .description("Bytes of entropy written to the sockets of clients, by listener.")
          .baseUnit("bytes")
          .tag("listener", listener.externalName())
          .register(registry);
    }
    // Includes codes without an event yet, because a counter that does not start at zero has no
    // first increase.
    for (CloseCode code : CloseCode.values()) {
      refused(code);
      countDisconnected(code.externalName());
    }
    Negotiated.Labels.all().forEach(this::countTls);
    countDisconnected(SessionEvent.Disconnected.BYE);
    countDisconnected(SessionEvent.Disconnected.CONNECTION_LOST);
    Timer waits =
        Timer.builder("netrng.demand.wait")
            .description("Time that clients with demand waited for a batch of samples.")
            .serviceLevelObjectives(WAITS)
            .register(registry);
    Gauge.builder(
            "netrng.best.effort.wait", distributor, d -> d.bestEffortWait() / NANOS_PER_SECOND)
        .description("Waiting time of the next best-effort client.")
        .baseUnit("seconds")
        .register(registry);
    distributor.onServed(nanos -> waits.record(nanos, TimeUnit.NANOSECONDS));
  }

  @EventListener
  synchronized void on(SessionEvent event) {
    switch (event) {
      case SessionEvent.Connected(ClientSession session) -> {
        session.tls().ifPresent(tls -> countTls(tls.labels()).increment());
        if (perClient) {
          labels.computeIfAbsent(session.label(), LabelMeters::new).sessions.add(session);
        }
      }
      case SessionEvent.Disconnected(ClientSession session, String reason) -> {
        countDisconnected(reason).increment();
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
        .description("Connections that ended before their client was admitted, by reason.")
        .tag("reason", code.externalName())
        .register(registry);
  }

  private Counter countTls(Negotiated.Labels labels) {
    return Counter.builder("netrng.tls.sessions")
        .description(
            "Clients admitted over TLS, by version, group of the key exchange, and cipher.")
        .tag("version", labels.version())
        .tag("group", labels.group())
        .tag("cipher", labels.cipher())
        .register(registry);
  }

  private Counter countDisconnected(String reason) {
    return Counter.builder("netrng.clients.left")
        .description("Admitted clients that disconnected, by reason; a kick is one of them.")
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
                  .description(
                      "Bytes that the guarantee covered and this client requested, but did not receive.")
                  .baseUnit("bytes")
                  .tag("client", label)
                  .register(registry),
              Gauge.builder(
                      "netrng.client.guarantee.bytes.per.second", this, LabelMeters::guarantee)
                  .description("The guaranteed rate of this client.")
                  .tag("client", label)
                  .register(registry),
              Gauge.builder("netrng.client.attainment.ratio", this, LabelMeters::attainment)
                  .description(
                      "Delivered part of the guarantee over the last five minutes, from 0 to 1.")
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

    /**
     * The mean over the sessions, weighted by their guarantees; 1 if no session has a guarantee.
     */
    double attainment() {
      synchronized (SessionMetrics.this) {
        double guarantee = guarantee();
        return guarantee == 0
            ? 1
            : sessions.stream().mapToDouble(s -> s.guarantee() * s.attainment()).sum() / guarantee;
      }
    }

    void remove() {
      meters.forEach(registry::remove);
    }
  }
}
