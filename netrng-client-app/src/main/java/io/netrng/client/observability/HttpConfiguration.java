// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.netrng.http.HostFilter;
import io.netrng.http.HttpConnections;
import io.netrng.http.HttpPort;
import io.netrng.http.ProblemWriter;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Limits the hosts and the number of connections of the HTTP port. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication
@EnableConfigurationProperties(HttpProperties.class)
class HttpConfiguration {

  @Bean
  HostFilter hostFilter(HttpProperties properties, JsonMapper json) {
    return new HostFilter(properties.hosts(), new ProblemWriter(json));
  }

  @Bean
  HttpPort httpPort(ServerProperties properties) {
    return new HttpPort(properties);
  }

  @Bean
  HttpConnections httpConnections(HttpProperties properties) {
    return new HttpConnections(properties.maxConnections());
  }
}
