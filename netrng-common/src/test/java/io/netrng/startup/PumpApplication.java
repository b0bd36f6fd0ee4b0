// SPDX-License-Identifier: Apache-2.0
package io.netrng.startup;

import java.util.Map;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** A minimal app with the same start as both apps. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(PumpProperties.class)
class PumpApplication {

  @Bean
  Object pump(PumpProperties properties) {
    if (properties.broken()) {
      throw new StartupException("The pump is broken.", "Call the plumber.");
    }
    return "pump";
  }

  /** Starts the app with these arguments and stops it. */
  static void run(String... arguments) {
    run(Map.of(), Map.of(), arguments);
  }

  /**
   * Starts and stops the app with these environment variables, properties of a file, and arguments.
   */
  static void run(Map<String, Object> variables, Map<String, Object> file, String... arguments) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
    environment.getPropertySources().addLast(new MapPropertySource("file", file));
    new SpringApplicationBuilder(PumpApplication.class)
        .web(WebApplicationType.NONE)
        .environment(environment)
        .properties("spring.main.banner-mode=off")
        .properties("logging.pattern.console=%level %logger{0} %msg %kvp%n%ex")
        .run(arguments)
        .close();
  }
}
