// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The drivers of /dev/hwrng (Linux, Documentation/admin-guide/hw_random.rst). The kernel selects
 * another one when a device is plugged in or removed, or when an administrator writes to
 * rng_current.
 *
 * @param current the driver whose bytes /dev/hwrng gives, such as {@code virtio_rng.0}
 * @param quality its entropy as its driver states it, in bits per 1,024 bits; null if the kernel
 *     does not tell
 * @param available all drivers
 */
public record HardwareRng(String current, @Nullable Integer quality, List<String> available) {

  private static final Path ATTRIBUTES = Path.of("/sys/class/misc/hw_random");

  /** The prefix of the driver that passes on the bytes of the hypervisor. */
  private static final String VIRTIO = "virtio_rng.";

  private static final int VIRTIO_PREFETCHED = 64;

  /** Copies the list. */
  public HardwareRng {
    available = List.copyOf(available);
  }

  /** Reads the attributes of the kernel; null if they are not readable. */
  static @Nullable HardwareRng read() {
    return read(ATTRIBUTES);
  }

  static @Nullable HardwareRng read(Path attributes) {
    String current = line(attributes.resolve("rng_current"));
    if (current == null) {
      return null;
    }
    String available = line(attributes.resolve("rng_available"));
    return new HardwareRng(
        current,
        number(line(attributes.resolve("rng_quality"))),
        available == null || available.isEmpty() ? List.of() : List.of(available.split(" ")));
  }

  /** Whether the hypervisor provides the bytes. */
  public boolean isVirtio() {
    return current.startsWith(VIRTIO);
  }

  /**
   * The number of bytes that the driver of a restored machine had fetched before the snapshot, so
   * that clones would read the same (drivers/char/hw_random/virtio-rng.c), in bytes.
   */
  public int prefetchedBytes() {
    return isVirtio() ? VIRTIO_PREFETCHED : 0;
  }

  private static @Nullable String line(Path attribute) {
    try {
      return Files.readString(attribute).strip();
    } catch (IOException e) {
      // An older kernel, or a container without /sys.
      return null;
    }
  }

  private static @Nullable Integer number(@Nullable String text) {
    try {
      return text == null ? null : Integer.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
