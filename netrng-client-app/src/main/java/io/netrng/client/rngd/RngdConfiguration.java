package io.netrng.client.rngd;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts the supervised {@code rngd} together, if this machine has what it takes. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RngdProperties.class)
class RngdConfiguration {

  @Bean
  FeedBuffer feedBuffer() {
    return new FeedBuffer(ByteBuffer.allocateDirect(FeedBuffer.CAPACITY));
  }

  @Bean
  RngdSupervisor rngdSupervisor(RngdProperties properties, FeedBuffer feed) {
    CapSysAdminCheck.require(Path.of("/proc/self"));
    RngdLocator locator = new RngdLocator(properties.command());
    // Found missing now it ends the start with one sentence; later on it would be retried.
    locator.locate();
    return new RngdSupervisor(locator, feed, RngdTimings.DEFAULT);
  }
}
