// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names TPMs. */
class TpmDeviceTest {

  @Test
  void isNamedByItsPath() {
    Device device = Device.of("tpm:/dev/tpmrm0");

    assertThat(device.name()).isEqualTo("tpm:/dev/tpmrm0");
    assertThat(device.shortName()).isEqualTo("tpmrm0");
    assertThat(device.info()).isEqualTo(DeviceInfo.of("tpm", "TPM 2.0"));
  }

  @Test
  void refusesARelativePath() {
    assertThatThrownBy(() -> Device.of("tpm:tpmrm0"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tpm:/dev/tpmrm0");
  }

  @Test
  void isACharacterDeviceOrASocket(@TempDir Path directory) throws IOException {
    // given
    Path file = Files.createFile(directory.resolve("file"));

    // when, then
    Device.of("tpm:/dev/null").check();
    assertThat(Device.of("tpm:/dev/null").identity()).isEqualTo(Device.of("/dev/null").identity());
    assertThatThrownBy(() -> Device.of("tpm:" + file).check())
        .hasMessage("is neither a character device nor a unix socket");
    assertThatThrownBy(() -> Device.of("tpm:" + directory.resolve("none")).check())
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void namesTheLinesOfTheUnitIfAccessIsDenied() {
    Device device = Device.of("tpm:/dev/tpmrm0");
    String lines = "SupplementaryGroups=tss and DeviceAllow=/dev/tpmrm0 rw";

    assertThat(device.fixFor(new AccessDeniedException("/dev/tpmrm0"))).contains(lines);
    assertThat(
            device.fixFor(new FileSystemException("/dev/tpmrm0", null, "Operation not permitted")))
        .contains(lines);
    assertThat(device.fixFor(new NoSuchFileException("/dev/tpmrm0"))).doesNotContain(lines);
  }
}
