// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** A path: a character device, a FIFO or a file. */
record PathDevice(Path path) implements Device {

  /** The reason of the C library if the rules of a unit or container do not allow a device. */
  private static final String EPERM = "Operation not permitted";

  /** The character device of Linux's hw_random. */
  private static final int HWRNG_MAJOR = 10;

  private static final int HWRNG_MINOR = 183;

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public String shortName() {
    return String.valueOf(path.getFileName());
  }

  @Override
  public void check() throws IOException {
    var _ = PathKind.of(path);
    path.getFileSystem().provider().checkAccess(path, AccessMode.READ);
  }

  @Override
  public void tryOpen() throws IOException {
    // Opening a FIFO would wait for its writer.
    if (PathKind.of(path) != PathKind.FIFO) {
      open(0).close();
    }
  }

  @Override
  public Object identity() throws IOException {
    return PathIdentity.of(path);
  }

  @Override
  public DeviceInfo info() {
    try {
      return switch (PathKind.of(path)) {
        case CHARACTER_DEVICE -> ofCharacterDevice((long) Files.getAttribute(path, "unix:rdev"));
        case FIFO -> DeviceInfo.of("fifo", "FIFO");
        case FILE ->
            new DeviceInfo(
                "file",
                "file",
                null,
                List.of(
                    new DeviceWarning(
                        DeviceWarning.Kind.FILE,
                        "a file is not a noise source, and its samples repeat at the next start")));
      };
    } catch (IOException e) {
      return DeviceInfo.of("unknown", "not accessible");
    }
  }

  private static DeviceInfo ofCharacterDevice(long number) {
    long major = (number >>> 8) & 0xfff;
    long minor = (number & 0xff) | ((number >>> 12) & 0xfff00);
    HardwareRng drivers = major == HWRNG_MAJOR && minor == HWRNG_MINOR ? HardwareRng.read() : null;
    if (drivers == null) {
      return DeviceInfo.of("character-device", "character device %d:%d".formatted(major, minor));
    }
    List<DeviceWarning> warnings =
        drivers.isVirtio()
            ? List.of(
                new DeviceWarning(
                    DeviceWarning.Kind.VIRTIO_RNG,
                    "its driver is %s, so the hypervisor provides its bytes"
                        .formatted(drivers.current())))
            : List.of();
    return new DeviceInfo("hwrng", drivers.current(), drivers, warnings);
  }

  @Override
  public String fixFor(IOException cause) {
    return switch (cause) {
      case AccessDeniedException _ ->
          "Add the server's user to the group of %s, or give the device to the user's group by a rule of udev; 'Another device' in docs/operate.md has examples."
              .formatted(path);
      case FileSystemException f when EPERM.equals(f.getReason()) ->
          "Allow the device in the server's unit (systemctl edit netrng-server): DeviceAllow=%s r"
              .formatted(path);
      default ->
          "Name a device that this user may read, such as /dev/hwrng where"
              + " /sys/class/misc/hw_random/rng_current is not 'none'.";
    };
  }

  @Override
  public DeviceChannel open(long position) throws IOException {
    PathKind kind = PathKind.of(path);
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    if (kind == PathKind.FILE) {
      channel.position(position);
    }
    return new FileDeviceChannel(channel, kind);
  }
}
