package io.netrng.server.session;

import io.netrng.server.distribution.Distributor;
import io.netrng.server.source.Source;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SessionProperties.class)
class SessionConfiguration {

  /** Made here since the distribution knows no Spring. */
  @Bean
  Distributor distributor(Source source) {
    return new Distributor(source.stream());
  }

  @Bean
  Sessions sessions(
      SessionProperties properties,
      Source source,
      Distributor distributor,
      ApplicationEventPublisher events) {
    return new Sessions(properties, source, distributor, events);
  }

  @Bean
  StreamServer streamServer(SessionProperties properties, Sessions sessions, Source source) {
    return new StreamServer(properties, sessions, source);
  }
}
