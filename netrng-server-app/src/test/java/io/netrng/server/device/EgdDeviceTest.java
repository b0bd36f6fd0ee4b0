// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names EGD servers. */
class EgdDeviceTest {

  @ParameterizedTest
  @CsvSource({
    "egd:/run/ekeyd.sock, ekeyd.sock, EGD server at /run/ekeyd.sock",
    "egd://127.0.0.1:8888, 127.0.0.1, EGD server at 127.0.0.1:8888",
    "egd://[::1]:8888, ::1, EGD server at [::1]:8888",
    "egd://localhost:1, localhost, EGD server at localhost:1"
  })
  void acceptsAUnixSocketOrAHostWithAPort(String text, String shortName, String description) {
    // when
    Device device = Device.of(text);

    // then
    assertThat(device.name()).isEqualTo(text);
    assertThat(device.shortName()).isEqualTo(shortName);
    assertThat(device.info()).isEqualTo(DeviceInfo.of("egd", description));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "egd:",
        "egd:run/ekeyd.sock",
        "egd://",
        "egd://host",
        "egd://host:0",
        "egd://host:65536",
        "egd://host:8888/",
        "egd://::1:8888",
        "egd://[::1]",
        "egd://user@host:8888"
      })
  void refusesAnAddressThatIsIncomplete(String text) {
    assertThatThrownBy(() -> Device.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("egd:/path/of/a/socket or egd://host:port");
  }

  @Test
  void warnsOfANetworkWithoutEncryption() {
    assertThat(Device.of("egd://192.0.2.7:8888").info().warnings())
        .singleElement()
        .asString()
        .contains("without encryption");
  }

  @Test
  void doesNotLookForAHostAtTheStart() throws IOException {
    Device.of("egd://rng.invalid:8888").check();
  }

  @Test
  void findsASocketAtTheStart(@TempDir Path directory) throws IOException {
    // given
    Path file = Files.createFile(directory.resolve("file"));
    Path link = directory.resolve("link");
    try (EgdServer server = new EgdServer(directory)) {
      Files.createSymbolicLink(link, server.address().getPath());
      Device device = Device.of("egd:" + server.address().getPath());

      // when, then
      device.check();
      assertThat(Device.of("egd:" + link).identity()).isEqualTo(device.identity());
    }
    assertThatThrownBy(() -> Device.of("egd:" + file).check()).hasMessage("is not a unix socket");
    assertThatThrownBy(() -> Device.of("egd:" + directory.resolve("none")).check())
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void comparesHostsWithoutCase() throws IOException {
    assertThat(Device.of("egd://Host:1").identity())
        .isEqualTo(Device.of("egd://host:1").identity())
        .isNotEqualTo(Device.of("egd://host:2").identity());
  }
}
