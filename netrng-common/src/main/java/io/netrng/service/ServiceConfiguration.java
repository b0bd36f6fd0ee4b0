package io.netrng.service;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the service manager of an app that imports this and has a {@link ServiceStatus}. */
@Configuration(proxyBeanMethods = false)
public class ServiceConfiguration {

  @Bean
  ServiceManager serviceManager(
      ApplicationAvailability availability, ObjectProvider<ServiceStatus> status) {
    return new ServiceManager(System.getenv(), availability, status::getObject);
  }
}
