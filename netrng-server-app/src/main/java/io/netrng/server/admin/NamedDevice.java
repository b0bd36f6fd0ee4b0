// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.server.source.DeviceStatus;
import io.netrng.server.source.Source;
import java.util.List;

/** Finds the device that a request names. */
final class NamedDevice {

  private NamedDevice() {}

  /**
   * Finds a device.
   *
   * @param name its name; empty for the only device
   * @throws org.springframework.web.ErrorResponseException if there is no such device
   */
  static DeviceStatus of(Source source, String name) {
    List<DeviceStatus> devices = source.devices();
    if (name.isEmpty() && devices.size() == 1) {
      return devices.getFirst();
    }
    return devices.stream()
        .filter(device -> device.device().equals(name))
        .findFirst()
        .orElseThrow(() ->
            Problem.badRequest(
                "device = %s is not possible: set it to one of %s."
                    .formatted(
                        name.isEmpty() ? "(empty)" : name,
                        String.join(", ", devices.stream().map(DeviceStatus::device).toList()))));
  }
}
