// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel tells about a character device in /sys (Linux, Documentation/ABI/testing). It
 * tells nothing about the slaves of pseudo-terminals, and nothing in a container without /sys.
 *
 * @param directory the directory of the device
 */
record SysDevice(Path directory) {

  private static final Path CHARACTER_DEVICES = Path.of("/sys/dev/char");
  private static final String TTY = "tty";

  /** The parents of a serial line up to its USB device: an interface, and a port of an adapter. */
  private static final int LEVELS = 3;

  private static final int MOST_CHARACTERS = 60;

  /** The device with this number. */
  static SysDevice of(long number) {
    return new SysDevice(CHARACTER_DEVICES.resolve(PathIdentity.numberText(number)));
  }

  /** Whether it is listed as a tty. */
  boolean isTty() {
    return TTY.equals(subsystem());
  }

  /** Whether it is listed as another device than a tty. */
  boolean isNoTty() {
    String subsystem = subsystem();
    return subsystem != null && !subsystem.equals(TTY);
  }

  private @Nullable String subsystem() {
    try {
      return String.valueOf(Files.readSymbolicLink(directory.resolve("subsystem")).getFileName());
    } catch (IOException e) {
      return null;
    }
  }

  /** The manufacturer and the product, as the USB device states them; null for other devices. */
  @Nullable String usbName() {
    try {
      Path parent = directory.resolve("device").toRealPath();
      for (int i = 0; i < LEVELS && parent != null; i++) {
        if (Files.exists(parent.resolve("idVendor"))) {
          return usbName(parent);
        }
        parent = parent.getParent();
      }
      return null;
    } catch (IOException e) {
      return null;
    }
  }

  private static @Nullable String usbName(Path usbDevice) {
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
