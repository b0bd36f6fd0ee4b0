package io.netrng.service;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;

/**
 * What every app needs that runs as a service: the scheduler of its periodic tasks, one thread that
 * Spring Boot makes, and the service manager, for which it has a {@link ServiceStatus}.
 */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
public class ServiceConfiguration {

  @Bean
  ServiceManager serviceManager(
      ApplicationAvailability availability, ObjectProvider<ServiceStatus> status) {
    return new ServiceManager(System.getenv(), availability, status::getObject);
  }
}
