// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.micrometer.core.instrument.MeterRegistry;
import io.netrng.audit.AuditLog;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.source.Source;
import io.netty.util.concurrent.GlobalEventExecutor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.MediaType;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

@Configuration(proxyBeanMethods = false)
class AdminConfiguration {

  @Bean
  Captures captures(
      Source source,
      Distributor distributor,
      TaskScheduler scheduler,
      MeterRegistry registry,
      AuditLog audit) {
    // The scheduler rejects tasks while the context closes; samples may still be offered then.
    return new Captures(
        source.stream(),
        source::availability,
        distributor,
        GlobalEventExecutor.INSTANCE,
        scheduler,
        registry,
        audit);
  }

  /** The description of the API: a web page, and OpenAPI for programs. */
  @Bean
  RouterFunction<ServerResponse> apiDescription() {
    return RouterFunctions.route()
        .GET("/api", _ -> serve("api.html", MediaType.TEXT_HTML))
        .GET("/v3/api-docs", _ -> serve("openapi.json", MediaType.APPLICATION_JSON))
        .build();
  }

  private static Mono<ServerResponse> serve(String file, MediaType type) {
    return ServerResponse.ok().contentType(type).bodyValue(new ClassPathResource(file));
  }
}
