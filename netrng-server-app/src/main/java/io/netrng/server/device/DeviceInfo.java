// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a device is, for administrators.
 *
 * @param kind its kind, such as {@code hwrng}, {@code tty} or {@code file}
 * @param description its driver, or another description in a few words
 * @param hardwareRng the drivers of /dev/hwrng; null for other devices
 * @param warnings the reasons not to trust it
 */
public record DeviceInfo(
    String kind,
    String description,
    @Nullable HardwareRng hardwareRng,
    List<DeviceWarning> warnings) {

  /** Creates a description without warnings. */
  public static DeviceInfo of(String kind, String description) {
    return new DeviceInfo(kind, description, null, List.of());
  }
}
