// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.server.security.TransportSecurity;
import io.netrng.server.session.SessionRegistry;
import io.netrng.server.session.TcpListeners;
import io.netrng.server.source.Source;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.scheduling.TaskScheduler;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EntropyApiProperties.class)
class EntropyApiConfiguration {

  @Bean
  EntropyApiServer entropyApiServer(
      EntropyApiProperties properties,
      TransportSecurity transport,
      SessionRegistry sessions,
      Source source,
      TcpListeners listeners,
      TaskScheduler scheduler)
      throws IOException {
    Path directory = properties.tokenDirectory();
    Authentication authentication =
        new Authentication(
            sessions.authenticator(),
            transport.mode() == TransportSecurity.Mode.MUTUAL_TLS,
            properties.port() == null || directory == null ? null : Tokens.of(directory));
    EntropyApi api =
        new EntropyApi(
            properties,
            sessions,
            source::status,
            source::availability,
            authentication,
            new ClassPathResource("entropy-api.json").getContentAsByteArray(),
            System::nanoTime);
    return new EntropyApiServer(properties, transport, listeners, api, scheduler);
  }
}
