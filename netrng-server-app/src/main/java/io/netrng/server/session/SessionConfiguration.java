// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.audit.AuditLog;
import io.netrng.clone.CloneWatch;
import io.netrng.reload.ConfigReloader;
import io.netrng.reload.ReloadableProperties;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.security.ClientAuthenticator;
import io.netrng.server.security.LimitsProperties;
import io.netrng.server.security.SecurityProperties;
import io.netrng.server.security.TransportSecurity;
import io.netrng.server.source.Source;
import io.netrng.service.ServiceManager;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.scheduling.TaskScheduler;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({
  SessionProperties.class,
  AuditProperties.class,
  CloneProperties.class
})
class SessionConfiguration {

  private static final String PREFIX = "netrng.server";

  private static final long MOST_IN_FLIGHT = 512L * 1024 * 1024;

  /** The off-heap memory may be as large as the heap; samples in flight may use a fourth of it. */
  private static final int PART_IN_FLIGHT = 4;

  private static final Duration CAPACITY_IN_DOUBT_AFTER = Duration.ofSeconds(30);

  /** Created here because the distribution package does not use Spring. */
  @Bean
  Distributor distributor(LimitsProperties limits, SessionProperties properties, Source source) {
    return new Distributor(
        source.stream(),
        System::nanoTime,
        limits.writeBuffer().toBytes(),
        Math.min(MOST_IN_FLIGHT, Runtime.getRuntime().maxMemory() / PART_IN_FLIGHT),
        properties.maxClients());
  }

  @Bean
  Admission admission(SessionProperties properties, Source source) {
    return new Admission(
        properties,
        source::availability,
        () -> source.status().capacity(),
        () -> source.remeasureIfOlderThan(CAPACITY_IN_DOUBT_AFTER),
        System::nanoTime,
        new SplittableRandom());
  }

  @Bean
  AuditLog auditLog(AuditProperties properties) {
    return properties.open();
  }

  @Bean
  SessionRegistry sessions(
      SessionProperties properties,
      LimitsProperties limits,
      Source source,
      Distributor distributor,
      ClientAuthenticator authenticator,
      Admission admission,
      ApplicationEventPublisher events,
      AuditLog audit) {
    return new SessionRegistry(
        properties, limits, source, distributor, authenticator, admission, events, audit);
  }

  @Bean
  CloneWatch cloneWatch(
      CloneProperties properties,
      StreamServer server,
      SessionRegistry sessions,
      Source source,
      AuditLog audit,
      TaskScheduler scheduler,
      ServiceManager manager) {
    return new CloneWatch(
        properties.cloneDetection(),
        new CloneResponse(server, sessions, source, audit),
        scheduler,
        manager);
  }

  @Bean
  ConfigReloader configReloader(
      ConfigurableEnvironment environment,
      SslBundleRegistry bundles,
      TaskScheduler scheduler,
      ServiceManager manager,
      SessionRegistry sessions,
      SessionProperties policies,
      SecurityProperties security) {
    return new ConfigReloader(
        environment,
        bundles,
        scheduler,
        manager,
        security.tls().bundle(),
        () -> {},
        new ReloadableProperties<>(
            policies,
            binder -> binder.bindOrCreate(PREFIX, SessionProperties.class),
            sessions::updatePolicies),
        new ReloadableProperties<>(
            security.denied(),
            binder -> binder.bindOrCreate(PREFIX, SecurityProperties.class).denied(),
            sessions::updateDenied));
  }

  @Bean
  EventLoops eventLoops() {
    return new EventLoops();
  }

  @Bean
  TcpListeners tcpListeners(LimitsProperties limits, Admission admission, EventLoops loops) {
    return new TcpListeners(limits, admission, loops);
  }

  @Bean
  StreamServer streamServer(
      SessionProperties properties,
      LimitsProperties limits,
      TransportSecurity security,
      SessionRegistry sessions,
      TcpListeners listeners,
      Distributor distributor,
      Source source,
      TaskScheduler scheduler,
      ApplicationEventPublisher events) {
    return new StreamServer(
        properties, limits, security, sessions, listeners, distributor, source, scheduler, events);
  }

  /** Sets the property {@code local.netrng.port}, as Spring Boot's servers set theirs. */
  @Bean
  ApplicationListener<StreamServerInitializedEvent> localPort(ConfigurableEnvironment environment) {
    return event ->
        environment
            .getPropertySources()
            .addFirst(
                new MapPropertySource("netrng.ports", Map.of("local.netrng.port", event.port())));
  }
}
