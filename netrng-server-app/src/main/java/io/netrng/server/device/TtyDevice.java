// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import io.netrng.posix.Descriptor;
import io.netrng.posix.Descriptor.Access;
import io.netrng.posix.TerminalSettings;
import io.netrng.posix.TerminalSettings.Closing;
import io.netrng.posix.TerminalSettings.Parity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A serial line, such as that of a USB stick. All bytes arrive unchanged, because the line is in
 * raw mode. It never becomes the controlling terminal of the server, whose signals would stop it.
 *
 * @param name the text of the configuration
 * @param path the tty
 * @param settings the speed and the parity
 * @param init bytes that are written after each opening, one in each character; often none
 * @param openSpeeds the speeds at which the line is opened and closed before it is opened
 */
record TtyDevice(
    String name, Path path, TerminalSettings settings, String init, List<Integer> openSpeeds)
    implements Device {

  private static final TerminalSettings DEFAULTS =
      new TerminalSettings(115_200, Parity.NONE, Closing.KEEP_DTR);

  /** The longest wait until the device takes the init bytes. */
  private static final Duration INIT_LIMIT = Duration.ofSeconds(2);

  TtyDevice {
    openSpeeds = List.copyOf(openSpeeds);
  }

  /** A serial line with the default settings, named by its path. */
  static TtyDevice of(Path path) {
    return new TtyDevice(path.toString(), path, DEFAULTS, "", List.of());
  }

  /**
   * Parses {@code tty:PATH?OPTION=VALUE&…}, which docs/operate.md describes.
   *
   * @throws IllegalArgumentException with the wrong part and the valid values
   */
  static TtyDevice parse(String text) {
    TtyOptions options = TtyOptions.parse(text);
    TerminalSettings settings =
        new TerminalSettings(
            options.speed(DEFAULTS.speed()), options.parity(DEFAULTS.parity()), DEFAULTS.closing());
    return new TtyDevice(text, options.path(), settings, options.init(), options.openSpeeds());
  }

  @Override
  public String shortName() {
    return String.valueOf(path.getFileName());
  }

  @Override
  public void check() throws IOException {
    if (!Descriptor.SUPPORTED) {
      throw new IOException("needs Linux; configure the path of the tty alone, and set its mode");
    }
    if (PathKind.of(path) != PathKind.CHARACTER_DEVICE) {
      throw new IOException("is not a tty");
    }
    path.getFileSystem().provider().checkAccess(path, accessModes());
  }

  private AccessMode[] accessModes() {
    return access() == Access.READ
        ? new AccessMode[] {AccessMode.READ}
        : new AccessMode[] {AccessMode.READ, AccessMode.WRITE};
  }

  private Access access() {
    return init.isEmpty() ? Access.READ : Access.READ_WRITE;
  }

  /** Changes no settings and writes nothing. */
  @Override
  public void tryOpen() throws IOException {
    openTerminal().close();
  }

  private Descriptor openTerminal() throws IOException {
    Descriptor descriptor = Descriptor.open(path, access());
    try {
      if (!descriptor.isTerminal()) {
        throw new IOException("is not a tty");
      }
    } catch (IOException e) {
      descriptor.close();
      throw e;
    }
    return descriptor;
  }

  @Override
  public Object identity() throws IOException {
    return PathIdentity.of(path);
  }

  @Override
  public DeviceInfo info() {
    String line = "serial line, %d baud".formatted(settings.speed());
    try {
      String usb = SysDevice.of((long) Files.getAttribute(path, "unix:rdev")).usbName();
      return DeviceInfo.of("tty", usb == null ? line : usb + ", " + line);
    } catch (IOException e) {
      return DeviceInfo.of("tty", line);
    }
  }

  @Override
  public String fixFor(IOException cause) {
    return switch (cause) {
      case AccessDeniedException _ ->
          "Add the server's user to the group of %s, often dialout, or give the device to the user's group by a rule of udev; 'Another device' in docs/operate.md has examples."
              .formatted(path);
      case FileSystemException f when PathDevice.EPERM.equals(f.getReason()) ->
          "Allow the device in the server's unit (systemctl edit netrng-server): DeviceAllow=%s %s"
              .formatted(path, access() == Access.READ ? "r" : "rw");
      default ->
          "Plug in the device, or correct its path; /dev/serial/by-id has the names of the serial lines of USB.";
    };
  }

  @Override
  public DeviceChannel open(long position) throws IOException {
    for (int speed : openSpeeds) {
      try (Descriptor descriptor = openTerminal()) {
        descriptor.apply(new TerminalSettings(speed, settings.parity(), Closing.CLEAR_DTR));
      }
    }
    return start(openTerminal());
  }

  /** Takes over the descriptor, which it closes if this fails. */
  DeviceChannel start(Descriptor descriptor) throws IOException {
    try {
      descriptor.apply(settings);
      descriptor.write(init.getBytes(StandardCharsets.ISO_8859_1), INIT_LIMIT);
    } catch (IOException e) {
      descriptor.close();
      throw e;
    }
    return new TtyChannel(descriptor);
  }
}
