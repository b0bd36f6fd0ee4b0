// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netrng.server.device.Device;
import io.netrng.server.source.SourceProperties.DeviceProperties;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** The forms of the list of devices. */
class SourcePropertiesTest {

  private static final String DEVICES = "netrng.server.source.devices";
  private static final String WITH_COMMAS = "tty:/dev/ttyACM0?open-speeds=110,300,110&speed=300";

  private static List<DeviceProperties> bind(PropertySource<?> source) {
    StandardEnvironment environment = new StandardEnvironment();
    environment.getPropertySources().addFirst(source);
    return Binder.get(environment)
        .bind("netrng.server", SourceProperties.class)
        .get()
        .source()
        .devices();
  }

  private static List<DeviceProperties> bind(Map<String, Object> properties) {
    return bind(new MapPropertySource("test", properties));
  }

  private static List<String> names(List<DeviceProperties> devices) {
    return devices.stream().map(DeviceProperties::device).map(Device::name).toList();
  }

  @Test
  void aListIsSplitAtCommas() {
    assertThat(names(bind(Map.of(DEVICES, "tty:/dev/ttyACM0?speed=300, /dev/hwrng"))))
        .containsExactly("tty:/dev/ttyACM0?speed=300", "/dev/hwrng");
  }

  @Test
  void anIndexedEntryKeepsItsCommas() {
    assertThat(names(bind(Map.of(DEVICES + "[0]", WITH_COMMAS, DEVICES + "[1]", "/dev/hwrng"))))
        .containsExactly(WITH_COMMAS, "/dev/hwrng");
  }

  @Test
  void theDeviceOfAnIndexedEntryKeepsItsCommas() {
    // when
    List<DeviceProperties> devices =
        bind(
            Map.of(
                DEVICES + "[0].device",
                WITH_COMMAS,
                DEVICES + "[0].min-entropy-per-byte",
                "4",
                DEVICES + "[1]",
                "/dev/hwrng"));

    // then
    assertThat(names(devices)).containsExactly(WITH_COMMAS, "/dev/hwrng");
    assertThat(devices.getFirst().minEntropyPerByte()).isEqualTo(4);
  }

  @Test
  void anEnvironmentVariableNamesADeviceWithCommas() {
    for (String name :
        List.of("NETRNG_SERVER_SOURCE_DEVICES_0_DEVICE", "NETRNG_SERVER_SOURCE_DEVICES_0")) {
      assertThat(
              names(
                  bind(
                      new SystemEnvironmentPropertySource(
                          "systemEnvironment", Map.of(name, WITH_COMMAS)))))
          .containsExactly(WITH_COMMAS);
    }
  }

  @Test
  void theRestOfAnEntryThatWasSplitAtItsCommasLeadsToTheIndexedForm() {
    assertThatExceptionOfType(BindException.class)
        .isThrownBy(() -> bind(Map.of(DEVICES, WITH_COMMAS)))
        .havingRootCause()
        .isInstanceOf(IllegalArgumentException.class)
        .withMessage(
            "write '300' as an absolute path, or a value with a comma as netrng.server.source.devices[0]=VALUE");
  }
}
