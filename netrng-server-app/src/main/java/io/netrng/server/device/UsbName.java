// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The manufacturer and the product of a serial line's USB device, as the device states them. */
final class UsbName {

  private static final Path CHARACTER_DEVICES = Path.of("/sys/dev/char");

  /** The parents of a serial line up to its USB device: an interface, and a port of an adapter. */
  private static final int LEVELS = 3;

  private static final int MOST_CHARACTERS = 60;

  private UsbName() {}

  /** Returns null if it is not a USB device, or if the kernel does not tell. */
  static @Nullable String of(Path device) {
    try {
      return of(CHARACTER_DEVICES, (long) Files.getAttribute(device, "unix:rdev"));
    } catch (IOException e) {
      return null;
    }
  }

  static @Nullable String of(Path characterDevices, long number) throws IOException {
    Path line = characterDevices.resolve(PathIdentity.numberText(number)).resolve("device");
    if (!Files.exists(line)) {
      return null;
    }
    Path directory = line.toRealPath();
    for (int i = 0; i < LEVELS && directory != null; i++) {
      if (Files.exists(directory.resolve("idVendor"))) {
        return name(directory);
      }
      directory = directory.getParent();
    }
    return null;
  }

  private static @Nullable String name(Path usbDevice) {
    String name =
        Stream.of("manufacturer", "product")
            .map(attribute -> printable(usbDevice.resolve(attribute)))
            .filter(Objects::nonNull)
            .collect(Collectors.joining(" "));
    return name.isEmpty() ? null : name.substring(0, Math.min(name.length(), MOST_CHARACTERS));
  }

  /** The device chooses this text, which goes into logs and pages. */
  private static @Nullable String printable(Path attribute) {
    try {
      String text = Files.readString(attribute).replaceAll("[^ -~]", "").strip();
      return text.isEmpty() ? null : text;
    } catch (IOException e) {
      return null;
    }
  }
}
