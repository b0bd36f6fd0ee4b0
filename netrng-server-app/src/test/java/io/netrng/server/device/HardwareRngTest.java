// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HardwareRngTest {

  @TempDir Path attributes;

  private void attribute(String name, String value) throws IOException {
    Files.writeString(attributes.resolve(name), value + "\n");
  }

  @Test
  void readsTheCurrentDriverItsQualityAndAllDrivers() throws IOException {
    // given
    attribute("rng_current", "tpm-rng-0");
    attribute("rng_quality", "1024");
    attribute("rng_available", "virtio_rng.0 tpm-rng-0");

    // when, then
    assertThat(HardwareRng.read(attributes))
        .isEqualTo(new HardwareRng("tpm-rng-0", 1024, List.of("virtio_rng.0", "tpm-rng-0")));
  }

  @Test
  void anOlderKernelTellsNoQuality() throws IOException {
    // given
    attribute("rng_current", "virtio_rng.0");

    // when
    HardwareRng drivers = HardwareRng.read(attributes);

    // then
    assertThat(drivers).isEqualTo(new HardwareRng("virtio_rng.0", null, List.of()));
    assertThat(drivers).returns(true, HardwareRng::isVirtio);
  }

  @Test
  void isAbsentWithoutTheAttributes() {
    assertThat(HardwareRng.read(attributes)).isNull();
  }
}
