package io.netrng.server.admin;

import io.micrometer.core.instrument.MeterRegistry;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.source.Source;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.scheduler.Schedulers;

@Configuration(proxyBeanMethods = false)
class CaptureConfiguration {

  @Bean
  Captures captures(Source source, Distributor distributor, MeterRegistry registry) {
    return new Captures(
        source.stream(), source::availability, distributor, Schedulers.single(), registry);
  }
}
