// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.discovery;

import io.netrng.server.security.TransportSecurity;
import io.netrng.server.session.SessionProperties;
import io.netrng.server.session.StreamServer;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.TaskScheduler;

/** Creates the announcer. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(MdnsProperties.class)
class DiscoveryConfiguration {

  @Bean
  MdnsAnnouncer mdnsAnnouncer(
      MdnsProperties properties,
      SessionProperties session,
      TransportSecurity security,
      StreamServer server,
      TaskScheduler scheduler) {
    return new MdnsAnnouncer(properties, session.bindAddress(), security, server, scheduler);
  }
}
