package io.netrng.server.admin;

import io.micrometer.core.instrument.MeterRegistry;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.source.Source;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;
import reactor.core.scheduler.Schedulers;

@Configuration(proxyBeanMethods = false)
@EnableScheduling
class AdminConfiguration {

  private static final String TOKEN = "token";

  @Bean
  Captures captures(Source source, Distributor distributor, MeterRegistry registry) {
    return new Captures(
        source.stream(), source::availability, distributor, Schedulers.single(), registry);
  }

  @Bean
  OpenAPI openApi() {
    SecurityScheme bearer =
        new SecurityScheme()
            .type(SecurityScheme.Type.HTTP)
            .scheme("bearer")
            .description("What is in the file of netrng.server.admin.token-file.");
    return new OpenAPI()
        .info(
            new Info()
                .title("NetRNG server")
                .version("v1")
                .description(
                    "Rates are in bytes per second, amounts in bytes. Errors are problem details"
                        + " (RFC 9457).")
                .license(new License().name("Apache-2.0")))
        .components(new Components().addSecuritySchemes(TOKEN, bearer))
        .addSecurityItem(new SecurityRequirement().addList(TOKEN));
  }
}
