// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.observability;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netrng.protocol.CloseCode;
import io.netrng.server.security.TransportSecurity;
import io.netrng.server.session.AcceptLimiter;
import io.netrng.server.session.ClientSession;
import io.netrng.server.session.SessionEvent;
import io.netrng.server.session.SessionRegistry;
import io.netrng.server.session.TcpListeners;
import io.netrng.tls.TlsFailure;
import java.net.InetSocketAddress;
import org.springframework.context.event.EventListener;

/** The metrics of the connection limits. */
final class ConnectionMetrics {

  private final Counter protocolErrors;

  ConnectionMetrics(
      MeterRegistry registry,
      TcpListeners listeners,
      TransportSecurity security,
      SessionRegistry sessions) {
    Gauge.builder(
            "netrng.connections.pending",
            sessions,
            s -> Math.max(0, listeners.addressLimiter().connections() - ofAddresses(s)))
        .description("Open connections without an admitted client: new, refused or being closed.")
        .register(registry);
    Gauge.builder("netrng.write.buffer", sessions, SessionRegistry::inFlight)
        .description(
            "Memory of samples that are handed out to clients and not yet written to their sockets.")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("netrng.write.buffer.fullest", sessions, ConnectionMetrics::fullest)
        .description("The same of the client with the most of this memory.")
        .baseUnit("bytes")
        .register(registry);
    FunctionCounter.builder("netrng.hellos.timed.out", sessions, SessionRegistry::hellosTimedOut)
        .description("Connections that ended because they sent no HELLO in time.")
        .register(registry);
    protocolErrors =
        Counter.builder("netrng.protocol.errors")
            .description("Connections that ended because of an invalid or missing frame.")
            .register(registry);
    for (AcceptLimiter.Pause reason : AcceptLimiter.Pause.values()) {
      FunctionCounter.builder(
              "netrng.accept.paused", listeners.acceptLimiter(), a -> a.pausedSeconds(reason))
          .description("Time in which no connection was accepted, by reason.")
          .baseUnit("seconds")
          .tag("reason", reason.externalName())
          .register(registry);
    }
    for (TlsFailure.Kind kind : TlsFailure.Kind.values()) {
      FunctionCounter.builder("netrng.handshakes.failed", security, s -> s.handshakesFailed(kind))
          .description("Failed TLS handshakes, by reason.")
          .tag("reason", kind.externalName())
          .register(registry);
    }
  }

  /** Clients of unix sockets have no address, and are not limited by it. */
  private static long ofAddresses(SessionRegistry sessions) {
    return sessions.clients().stream()
        .filter(client -> client.address() instanceof InetSocketAddress)
        .count();
  }

  private static long fullest(SessionRegistry sessions) {
    return sessions.clients().stream().mapToLong(ClientSession::inFlight).max().orElse(0);
  }

  @EventListener
  void on(SessionEvent event) {
    switch (event) {
      case SessionEvent.Disconnected(var _, String reason)
          when reason.equals(CloseCode.PROTOCOL_ERROR.externalName()) ->
          protocolErrors.increment();
      case SessionEvent.Refused(CloseCode code, var _, var _)
          when code == CloseCode.PROTOCOL_ERROR ->
          protocolErrors.increment();
      case SessionEvent.Connected _,
          SessionEvent.Changed _,
          SessionEvent.Disconnected _,
          SessionEvent.Refused _ -> {}
    }
  }
}
