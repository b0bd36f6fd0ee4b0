// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.kernel;

import io.netrng.client.sink.CapSysAdminCheck;
import io.netrng.client.sink.CapSysAdminCheck.User;
import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.Sink;
import io.netrng.client.sink.SinkFactory;
import io.netrng.client.sink.SinkKind;
import io.netrng.posix.KernelGenerator;
import io.netrng.startup.ConfigCheck;
import io.netrng.startup.StartupException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/** Creates the sink kernel after it has checked the rights of this process. */
@Component
@EnableConfigurationProperties(KernelProperties.class)
class KernelFactory implements SinkFactory {

  private static final Logger log = LoggerFactory.getLogger(KernelFactory.class);

  private final KernelProperties properties;

  KernelFactory(KernelProperties properties) {
    this.properties = properties;
  }

  @Override
  public SinkKind kind() {
    return SinkKind.KERNEL;
  }

  @Override
  public Sink create(FeedBuffer feed) {
    // The rights of the user that checks are not the service's.
    Optional<String> missing =
        ConfigCheck.isRunning()
            ? Optional.empty()
            : CapSysAdminCheck.missing(Path.of("/proc/self"), User.ITSELF);
    missing.ifPresent(this::goOnWithout);
    // Links the calls of the C library while Spring makes the other beans; saves 0.1 s.
    Thread.ofPlatform().daemon().name("kernel-link").start(KernelGenerator::link);
    return new KernelSink(
        KernelPool::open,
        feed,
        new KernelSink.Settings(
            properties.creditBitsPerByte(), missing.isEmpty(), properties.reseedInterval()),
        new SeedMarker(System.getenv()));
  }

  private void goOnWithout(String missing) {
    if (properties.creditBitsPerByte() > 0) {
      throw new StartupException(
          "There is no right to credit entropy to the kernel: " + missing + ".",
          "Run the client as root or with CAP_SYS_ADMIN, or set"
              + " netrng.client.kernel.credit-bits-per-byte=0: the bytes are then mixed in"
              + " without credit.");
    }
    log.atWarn()
        .addKeyValue("detail", missing)
        .log(
            "the kernel gets no credit and no reseed; it uses new bytes within a minute,"
                + " and a kernel without a seed gets none from them");
  }
}
