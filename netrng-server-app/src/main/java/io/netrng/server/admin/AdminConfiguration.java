package io.netrng.server.admin;

import io.micrometer.core.instrument.MeterRegistry;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.source.Source;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.type.MethodMetadata;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.validation.Validator;
import org.springframework.web.reactive.config.WebFluxConfigurer;

@Configuration(proxyBeanMethods = false)
@EnableScheduling
class AdminConfiguration {

  private static final String TOKEN = "token";

  @Bean
  Captures captures(Source source, Distributor distributor, MeterRegistry registry) {
    return new Captures(
        source.stream(), source::availability, distributor, GlobalEventExecutor.INSTANCE, registry);
  }

  /**
   * The API's description is made when somebody asks for it: making it ready at each start takes a
   * thousand classes, and the memory of them for good.
   */
  @Bean
  static BeanFactoryPostProcessor lazyDescription() {
    return factory -> {
      for (String name : factory.getBeanDefinitionNames()) {
        if (factory.getBeanDefinition(name) instanceof AnnotatedBeanDefinition bean) {
          MethodMetadata method = bean.getFactoryMethodMetadata();
          if (method != null && method.getDeclaringClassName().startsWith("org.springdoc.")) {
            bean.setLazyInit(true);
          }
        }
      }
    };
  }

  /** Nor is Hibernate's validator made ready, which springdoc brings, and nobody uses. */
  @Bean
  WebFluxConfigurer noValidation() {
    return new WebFluxConfigurer() {
      @Override
      public Validator getValidator() {
        return Validator.forType(Void.class, (_, _) -> {});
      }
    };
  }

  @Bean
  @Lazy
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
