package io.netrng.client.observability;

import io.netrng.client.rngd.FeedBuffer;
import io.netrng.client.rngd.RngdSupervisor;
import io.netrng.client.stream.StreamClient;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Shows the other packages to Actuator. The names of the health beans are those on the outside. */
@Configuration(proxyBeanMethods = false)
class ObservabilityConfiguration {

  @Bean
  StreamHealth streamHealthIndicator(StreamClient stream) {
    return new StreamHealth(stream);
  }

  @Bean
  RngdHealth rngdHealthIndicator(RngdSupervisor rngd) {
    return new RngdHealth(rngd);
  }

  @Bean
  KernelHealth kernelHealthIndicator(StreamClient stream, FeedBuffer feed, RngdSupervisor rngd) {
    return new KernelHealth(stream, feed, rngd);
  }

  @Bean
  ClientMetrics clientMetrics(StreamClient stream, FeedBuffer feed, RngdSupervisor rngd) {
    return new ClientMetrics(stream, feed, rngd);
  }

  @Bean
  RngdInfo rngdInfo(RngdSupervisor rngd) {
    return new RngdInfo(rngd);
  }
}
