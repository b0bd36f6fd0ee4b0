// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.observability;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netrng.audit.AuditLog;
import io.netrng.clone.CloneHealth;
import io.netrng.clone.CloneMetrics;
import io.netrng.clone.CloneWatch;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.entropyapi.EntropyApiServer;
import io.netrng.server.security.TransportSecurity;
import io.netrng.server.session.SessionRegistry;
import io.netrng.server.session.StreamServer;
import io.netrng.server.session.TcpListeners;
import io.netrng.server.source.DeviceStatus;
import io.netrng.server.source.Source;
import io.netrng.service.ServiceStatus;
import java.util.stream.Collectors;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(MetricsProperties.class)
class ObservabilityConfiguration {

  @Bean
  SourceHealthIndicator sourceHealthIndicator(Source source) {
    return new SourceHealthIndicator(source);
  }

  @Bean
  ListenerHealthIndicator listenerHealthIndicator(StreamServer server, SessionRegistry sessions) {
    return new ListenerHealthIndicator(server, sessions);
  }

  @Bean
  PromiseHealthIndicator promiseHealthIndicator(Source source, SessionRegistry sessions) {
    return new PromiseHealthIndicator(source, sessions);
  }

  @Bean
  SourceMetrics sourceMetrics(Source source) {
    return new SourceMetrics(source::devices, System::nanoTime);
  }

  @Bean
  SessionMetrics sessionMetrics(
      MeterRegistry registry,
      SessionRegistry sessions,
      Distributor distributor,
      MetricsProperties properties) {
    return new SessionMetrics(registry, sessions, distributor, properties);
  }

  @Bean
  EntropyApiMetrics entropyApiMetrics(MeterRegistry registry, EntropyApiServer server) {
    return new EntropyApiMetrics(registry, server);
  }

  @Bean
  ConnectionMetrics connectionMetrics(
      MeterRegistry registry,
      TcpListeners listeners,
      TransportSecurity security,
      SessionRegistry sessions) {
    return new ConnectionMetrics(registry, listeners, security, sessions);
  }

  @Bean
  CloneHealth cloneHealthIndicator(CloneWatch watch) {
    return new CloneHealth(watch);
  }

  @Bean
  CloneMetrics cloneMetrics(CloneWatch watch) {
    return new CloneMetrics(watch);
  }

  @Bean
  MeterBinder auditMetrics(AuditLog audit) {
    return registry ->
        FunctionCounter.builder("netrng.audit.lost.records", audit, AuditLog::lost)
            .description("Records that could not be written to the audit log.")
            .register(registry);
  }

  @Bean
  ServiceStatus serviceStatus(StreamServer server, Source source, SessionRegistry sessions) {
    return new ServiceStatus(server::threads, () -> statusLine(source, sessions));
  }

  /** The status that {@code systemctl status} shows. */
  static String statusLine(Source source, SessionRegistry sessions) {
    String devices =
        source.devices().stream()
            .map(d -> d.device() + " " + (d.silent() ? "silent" : d.state().externalName()))
            .collect(Collectors.joining(", "));
    return "%s; clients: %d".formatted(devices, sessions.clients().size());
  }

  /** The part of {@code /actuator/info} about the source. */
  @Bean
  InfoContributor sourceInfo(Source source) {
    return builder ->
        builder
            .withDetail(
                "source",
                source.devices().stream()
                    .collect(
                        Collectors.toMap(
                            d -> d.device(), (DeviceStatus d) -> d.state().externalName())))
            .withDetail("capacity", SourceHealthIndicator.capacity(source.status()));
  }
}
