// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.egd;

import io.netrng.server.security.TransportSecurity;
import io.netrng.server.session.SessionProperties;
import io.netrng.server.session.SessionRegistry;
import io.netrng.server.session.TcpListeners;
import io.netrng.server.source.Source;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Creates the listeners. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EgdProperties.class)
class EgdConfiguration {

  @Bean
  EgdServer egdServer(
      EgdProperties properties,
      SessionProperties stream,
      TransportSecurity security,
      SessionRegistry sessions,
      Source source,
      TcpListeners listeners) {
    return new EgdServer(
        properties, stream.keepalive(), security, sessions, source.stream()::readySize, listeners);
  }
}
