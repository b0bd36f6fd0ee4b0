// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Describes what a path is, for administrators. */
public final class DeviceDescription {

  /** The character device of Linux's hw_random. */
  private static final int HWRNG_MAJOR = 10;

  private static final int HWRNG_MINOR = 183;

  /** The driver whose bytes /dev/hwrng gives (Linux, Documentation/admin-guide/hw_random.rst). */
  private static final Path CURRENT_HWRNG = Path.of("/sys/class/misc/hw_random/rng_current");

  private DeviceDescription() {}

  /**
   * Returns the driver of a hardware RNG, such as {@code virtio_rng.0}; the numbers of another
   * character device; otherwise the kind of file.
   */
  public static String of(Path device) {
    try {
      return switch (DeviceKind.of(device)) {
        case CHARACTER_DEVICE -> ofCharacterDevice((long) Files.getAttribute(device, "unix:rdev"));
        case FIFO -> "FIFO";
        case FILE -> "file";
      };
    } catch (IOException e) {
      return "not accessible";
    }
  }

  private static String ofCharacterDevice(long number) throws IOException {
    long major = (number >>> 8) & 0xfff;
    long minor = (number & 0xff) | ((number >>> 12) & 0xfff00);
    return major == HWRNG_MAJOR && minor == HWRNG_MINOR && Files.isReadable(CURRENT_HWRNG)
        ? Files.readString(CURRENT_HWRNG).strip()
        : "character device %d:%d".formatted(major, minor);
  }
}
