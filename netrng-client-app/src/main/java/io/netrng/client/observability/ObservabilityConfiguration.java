// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netrng.audit.AuditLog;
import io.netrng.client.rngd.FeedBuffer;
import io.netrng.client.rngd.RngdSupervisor;
import io.netrng.client.stream.StreamClient;
import io.netrng.client.stream.StreamStatus;
import io.netrng.service.ServiceStatus;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Exposes the state of the other packages to Actuator. The names of the health beans are public.
 */
@Configuration(proxyBeanMethods = false)
class ObservabilityConfiguration {

  @Bean
  StreamHealth streamHealthIndicator(StreamStatus stream) {
    return new StreamHealth(stream);
  }

  @Bean
  RngdHealth rngdHealthIndicator(RngdSupervisor rngd) {
    return new RngdHealth(rngd);
  }

  @Bean
  KernelHealth kernelHealthIndicator(StreamStatus stream, FeedBuffer feed, RngdSupervisor rngd) {
    return new KernelHealth(stream, feed, rngd);
  }

  @Bean
  ClientMetrics clientMetrics(StreamStatus stream, FeedBuffer feed, RngdSupervisor rngd) {
    return new ClientMetrics(stream, feed, rngd);
  }

  @Bean
  MeterBinder auditMetrics(AuditLog audit) {
    return registry ->
        FunctionCounter.builder("netrng.audit.lost.records", audit, AuditLog::lost)
            .description("Records that could not be written to the audit log")
            .register(registry);
  }

  @Bean
  ServiceStatus serviceStatus(
      StreamClient stream,
      RngdSupervisor rngd,
      StreamHealth streamHealth,
      RngdHealth rngdHealth,
      KernelHealth kernelHealth) {
    return new ServiceStatus(
        () -> List.of(stream.thread(), rngd.thread()),
        () ->
            "stream %s, rngd %s, kernel %s"
                .formatted(describe(streamHealth), describe(rngdHealth), describe(kernelHealth)));
  }

  /** Describes the health of a component for {@code systemctl status}. */
  static String describe(HealthIndicator component) {
    Health health = Objects.requireNonNull(component.health());
    Object reason = health.getDetails().get("reason");
    String status = health.getStatus().getCode().toLowerCase(Locale.ROOT);
    return reason == null ? status : status + " (" + reason + ")";
  }

  @Bean
  RngdInfo rngdInfo(RngdSupervisor rngd) {
    return new RngdInfo(rngd);
  }
}
