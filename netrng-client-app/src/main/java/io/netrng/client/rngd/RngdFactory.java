// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import io.netrng.client.sink.CapSysAdminCheck;
import io.netrng.client.sink.CapSysAdminCheck.User;
import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.Sink;
import io.netrng.client.sink.SinkFactory;
import io.netrng.client.sink.SinkKind;
import io.netrng.startup.ConfigCheck;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/** Creates the supervisor of {@code rngd} after it has checked this machine's requirements. */
@Component
@EnableConfigurationProperties(RngdProperties.class)
class RngdFactory implements SinkFactory {

  private static final Logger log = LoggerFactory.getLogger(RngdFactory.class);

  private final RngdProperties properties;

  RngdFactory(RngdProperties properties) {
    this.properties = properties;
  }

  @Override
  public SinkKind kind() {
    return SinkKind.RNGD;
  }

  @Override
  public Sink create(FeedBuffer feed) {
    // The rights of the user that checks are not the service's.
    if (!ConfigCheck.isRunning()) {
      requireRight();
    }
    RngdLocator locator = new RngdLocator(properties.command());
    // A program that is missing now stops the start with an error; later it would be retried.
    locator.locate();
    return new RngdSupervisor(locator, feed, RngdTimings.DEFAULT);
  }

  private void requireRight() {
    if (properties.requireCapability()) {
      CapSysAdminCheck.require(Path.of("/proc/self"), User.CHILD);
    } else {
      log.atWarn()
          .log(
              "the right to feed the kernel is not checked; without CAP_SYS_ADMIN rngd feeds nothing");
    }
  }
}
