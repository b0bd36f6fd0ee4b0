package io.netrng.client.observability;

import io.netrng.http.HostFilter;
import io.netrng.http.HttpConnections;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Who may ask for health and metrics, and how many at a time. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication
@EnableConfigurationProperties(HttpProperties.class)
class HttpConfiguration {

  @Bean
  HostFilter hostFilter(HttpProperties properties) {
    return new HostFilter(properties.hosts());
  }

  @Bean
  HttpConnections httpConnections(HttpProperties properties) {
    return new HttpConnections(properties.maxConnections());
  }
}
