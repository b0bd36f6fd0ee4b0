// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.egd;

import io.netrng.client.sink.FeedBuffer;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Creates the guests' part of the client. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EgdProperties.class)
class EgdConfiguration {

  @Bean
  Guests guests(EgdProperties properties, FeedBuffer sink) {
    return new Guests(properties, sink);
  }
}
