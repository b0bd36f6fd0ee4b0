// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The server shows whose bytes /dev/hwrng gives, on a machine that has this device. */
@Isolated("changes the generator of this machine")
class HardwareRngIT {

  private static final String DEVICE = "/dev/hwrng";
  private static final Path CURRENT = Path.of("/sys/class/misc/hw_random/rng_current");

  /** With this driver, the kernel provides no bytes (Linux 5.13 and later). */
  private static final String NONE = "none";

  private static String current() throws IOException {
    return Files.readString(CURRENT).strip();
  }

  private static void awaitHealth(AppProcess server, String text) {
    await("health contains " + text)
        .atMost(AppProcess.PATIENCE)
        .until(() -> server.get("/actuator/health").body().contains(text));
  }

  @Test
  void showsTheDriverAndTestsTheDeviceAgainAfterItChanges() throws IOException {
    assumeThat(Machine.device()).as("the device that gives bytes").isEqualTo(DEVICE);
    String driver = current();
    try (AppProcess server = AppProcess.server("--netrng.server.source.devices=" + DEVICE)) {
      // given
      server.awaitLog("device passed its start-up test");
      awaitHealth(server, "\"description\":\"" + driver + "\"");
      assertThat(server.get("/actuator/prometheus").body())
          .containsPattern(
              "netrng_source_info\\{available=\"[^\"]*%s[^\"]*\",description=\"%s\",device=\"/dev/hwrng\""
                  .formatted(driver, driver));
      if (driver.startsWith("virtio_rng")) {
        assertThat(server.log()).contains("device needs attention", "warning=\"virtio-rng\"");
        awaitHealth(server, "so the hypervisor provides its bytes");
      }

      // when
      Files.writeString(CURRENT, NONE);

      // then
      server.awaitLog("before=\"%s\" now=\"none\"".formatted(driver));
      awaitHealth(server, "\"description\":\"none\"");

      // when
      Files.writeString(CURRENT, driver);

      // then
      server.awaitLog("before=\"none\" now=\"%s\"".formatted(driver));
      await("the device passes a second start-up test")
          .atMost(AppProcess.PATIENCE)
          .until(() -> server.log().split("device passed its start-up test", -1).length > 2);
    } finally {
      Files.writeString(CURRENT, driver);
    }
  }
}
