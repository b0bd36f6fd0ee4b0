// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.device.DeviceInfo;
import io.netrng.server.device.DeviceWarning;
import io.netrng.server.healthtest.EntropyEstimate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class DeviceWatchTest {

  private static final double CLAIM = 8;

  private DeviceInfo info = DrivenDevice.hardwareRng("one");
  private EntropyEstimate estimate = EntropyEstimate.UNKNOWN;
  private final DeviceWatch watch =
      new DeviceWatch(new DrivenDevice(() -> info), CLAIM, () -> estimate);

  private static DeviceInfo virtio() {
    return new DeviceInfo(
        "hwrng",
        "virtio_rng.0",
        null,
        List.of(new DeviceWarning(DeviceWarning.Kind.VIRTIO_RNG, "the hypervisor's")));
  }

  @Test
  void tellsOnceThatTheDeviceIsAnotherOne(CapturedOutput output) {
    assertThat(watch.look()).isFalse();

    // when
    info = DrivenDevice.hardwareRng("other");

    // then
    assertThat(watch.look()).isTrue();
    assertThat(watch.look()).isFalse();
    assertThat(watch.info().description()).isEqualTo("other");
    assertThat(output)
        .containsOnlyOnce("device changed")
        .contains("device=\"/dev/urandom\" before=\"one\" now=\"other\"");
  }

  @Test
  void logsTheBeginAndTheEndOfAWarningOnce(CapturedOutput output) {
    // when
    info = virtio();
    watch.look();
    watch.look();

    // then
    assertThat(watch.warnings()).isEqualTo(virtio().warnings());
    assertThat(output)
        .containsOnlyOnce("device needs attention")
        .contains("warning=\"virtio-rng\" reason=\"the hypervisor's\"");

    // when
    info = DeviceInfo.of("hwrng", "virtio_rng.0");
    watch.look();
    watch.look();

    // then
    assertThat(watch.warnings()).isEmpty();
    assertThat(output).containsOnlyOnce("device no longer needs attention");
  }

  @Test
  void warnsWhileTheEstimateIsBelowTheClaim() {
    // when
    estimate = new EntropyEstimate(5.4, 5.52, 0);
    watch.look();

    // then
    assertThat(watch.warnings())
        .containsExactly(
            new DeviceWarning(
                DeviceWarning.Kind.MIN_ENTROPY,
                "its bytes have at most 5.52 bits of min-entropy, and 8.0 are claimed"));

    // when
    estimate = new EntropyEstimate(7.88, CLAIM, 0);
    watch.look();

    // then
    assertThat(watch.warnings()).isEmpty();
  }
}
