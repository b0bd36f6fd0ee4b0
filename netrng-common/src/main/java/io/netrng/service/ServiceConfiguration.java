// SPDX-License-Identifier: Apache-2.0
package io.netrng.service;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;

/**
 * The beans that every app needs as a service. They are the scheduler of its periodic tasks, which
 * Spring Boot makes, and the service manager. The app provides a {@link ServiceStatus}.
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
