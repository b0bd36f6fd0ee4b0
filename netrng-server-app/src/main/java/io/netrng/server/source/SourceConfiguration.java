// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SourceProperties.class)
class SourceConfiguration {

  @Bean
  Source source(SourceProperties properties) {
    return new Source(properties);
  }
}
