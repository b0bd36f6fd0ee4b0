// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netrng.audit.AuditLog;
import io.netrng.client.egd.Guests;
import io.netrng.client.kernel.KernelSink;
import io.netrng.client.rngd.RngdSupervisor;
import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.Sink;
import io.netrng.client.stream.StreamClient;
import io.netrng.client.stream.StreamStatus;
import io.netrng.clone.CloneHealth;
import io.netrng.clone.CloneMetrics;
import io.netrng.clone.CloneWatch;
import io.netrng.service.ServiceStatus;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
  RngdHealth rngdHealthIndicator(Sink sink) {
    return new RngdHealth(sink);
  }

  @Bean
  KernelFreshness kernelFreshness(StreamStatus stream, Guests guests, Sink sink) {
    return new KernelFreshness(stream, guests, sink);
  }

  @Bean
  KernelHealth kernelHealthIndicator(KernelFreshness freshness, FeedBuffer feed) {
    return new KernelHealth(freshness, feed);
  }

  @Bean
  StreamMetrics streamMetrics(StreamStatus stream) {
    return new StreamMetrics(stream);
  }

  @Bean
  MeterBinder sinkMetrics(FeedBuffer feed, Sink sink) {
    return registry -> {
      if (sink instanceof RngdSupervisor rngd) {
        new RngdMetrics(feed, rngd).bindTo(registry);
      } else if (sink instanceof KernelSink kernel) {
        new KernelMetrics(kernel).bindTo(registry);
      }
    };
  }

  @Bean
  MeterBinder egdMetrics(Guests guests) {
    return registry -> {
      if (guests.isConfigured()) {
        Gauge.builder("netrng.egd.connections", guests, Guests::connections)
            .description("Connections of guests over EGD")
            .register(registry);
        FunctionCounter.builder("netrng.egd.delivered", guests, Guests::deliveredBytes)
            .baseUnit("bytes")
            .description("Entropy sent to guests over EGD")
            .register(registry);
      }
    };
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
            .description("Records that could not be written to the audit log")
            .register(registry);
  }

  @Bean
  ServiceStatus serviceStatus(
      StreamClient stream,
      Guests guests,
      Sink sink,
      StreamHealth streamHealth,
      RngdHealth rngdHealth,
      KernelHealth kernelHealth) {
    return new ServiceStatus(
        () ->
            Stream.concat(Stream.of(stream.thread(), sink.thread()), guests.threads().stream())
                .toList(),
        () ->
            Stream.of(
                    describe("stream", streamHealth),
                    describe("rngd", rngdHealth),
                    describe("kernel", kernelHealth))
                .flatMap(Optional::stream)
                .collect(Collectors.joining(", ")));
  }

  /** Describes the health of a component for {@code systemctl status}; empty if it is absent. */
  static Optional<String> describe(String name, HealthIndicator component) {
    Health health = component.health();
    if (health == null) {
      return Optional.empty();
    }
    Object reason = health.getDetails().get("reason");
    String status = health.getStatus().getCode().toLowerCase(Locale.ROOT);
    return Optional.of(name + " " + (reason == null ? status : status + " (" + reason + ")"));
  }

  @Bean
  RngdInfo rngdInfo(Sink sink) {
    return new RngdInfo(sink);
  }
}
