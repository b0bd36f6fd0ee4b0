// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import io.netrng.startup.ConfigCheck;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Creates the supervisor of {@code rngd} after it has checked this machine's requirements. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RngdProperties.class)
class RngdConfiguration {

  private static final Logger log = LoggerFactory.getLogger(RngdConfiguration.class);

  @Bean
  FeedBuffer feedBuffer() {
    return new FeedBuffer(ByteBuffer.allocateDirect(FeedBuffer.CAPACITY));
  }

  @Bean
  RngdSupervisor rngdSupervisor(RngdProperties properties, FeedBuffer feed) {
    // The rights of the user that checks are not the service's.
    if (!ConfigCheck.isRunning()) {
      requireRight(properties);
    }
    RngdLocator locator = new RngdLocator(properties.command());
    // A program that is missing now stops the start with an error; later it would be retried.
    locator.locate();
    return new RngdSupervisor(locator, feed, RngdTimings.DEFAULT);
  }

  private static void requireRight(RngdProperties properties) {
    if (properties.requireCapability()) {
      CapSysAdminCheck.require(Path.of("/proc/self"));
    } else {
      log.atWarn()
          .log(
              "the right to feed the kernel is not checked; without CAP_SYS_ADMIN rngd feeds nothing");
    }
  }
}
