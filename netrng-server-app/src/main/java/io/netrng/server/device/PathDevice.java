// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import io.netrng.posix.Descriptor;
import io.netrng.posix.Descriptor.Access;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A path: a character device, a FIFO or a file. A tty is read as a {@link TtyDevice}: as a file, it
 * would change bytes, and could become the controlling terminal of the server.
 */
record PathDevice(Path path) implements Device {

  /** The reason of the C library if the rules of a unit or container do not allow a device. */
  static final String EPERM = "Operation not permitted";

  /** The character device of Linux's hw_random. */
  private static final int HWRNG_MAJOR = 10;

  private static final int HWRNG_MINOR = 183;

  /**
   * Parses an absolute path.
   *
   * @throws IllegalArgumentException for another path, such as the rest of a value with a comma
   */
  static PathDevice parse(String text) {
    Path path = Path.of(text);
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException(
          "write '%s' as an absolute path, or a value with a comma as netrng.server.source.devices[0]=VALUE"
              .formatted(text));
    }
    return new PathDevice(path);
  }

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
    switch (PathKind.of(path)) {
      case CHARACTER_DEVICE -> {
        if (!isTerminal()) {
          openFile().close();
        }
      }
      case FILE -> openFile().close();
      case FIFO -> {}
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

  private DeviceInfo ofCharacterDevice(long number) {
    if (isSerialLine(number)) {
      return TtyDevice.of(path).info();
    }
    boolean hwrng =
        PathIdentity.major(number) == HWRNG_MAJOR && PathIdentity.minor(number) == HWRNG_MINOR;
    HardwareRng drivers = hwrng ? HardwareRng.read() : null;
    if (drivers == null) {
      return DeviceInfo.of(
          "character-device", "character device " + PathIdentity.numberText(number));
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

  /** Whether it is a tty, without opening it, which can reset a device. */
  private static boolean isSerialLine(long number) {
    return PathIdentity.isPseudoTerminal(number) || SysDevice.of(number).isTty();
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
    if (kind == PathKind.CHARACTER_DEVICE && Descriptor.SUPPORTED && !isListedAsNoTty()) {
      Descriptor descriptor = Descriptor.open(path, Access.READ);
      if (descriptor.isTerminal()) {
        return TtyDevice.of(path).start(descriptor);
      }
      descriptor.close();
    }
    FileChannel channel = openFile();
    if (kind == PathKind.FILE) {
      channel.position(position);
    }
    return new FileDeviceChannel(channel, kind);
  }

  /** A file channel could make a tty the controlling terminal of this process; this does not. */
  private boolean isTerminal() throws IOException {
    if (!Descriptor.SUPPORTED || isListedAsNoTty()) {
      return false;
    }
    try (Descriptor descriptor = Descriptor.open(path, Access.READ)) {
      return descriptor.isTerminal();
    }
  }

  /** Saves the start with other devices the time to load the foreign-function API. */
  private boolean isListedAsNoTty() throws IOException {
    return SysDevice.of((long) Files.getAttribute(path, "unix:rdev")).isNoTty();
  }

  private FileChannel openFile() throws IOException {
    return FileChannel.open(path, StandardOpenOption.READ);
  }
}
