// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;

/**
 * A device that provides entropy, as configured. Each kind of device is one class. All methods may
 * be called from any thread, and only {@link #open} and {@link #tryOpen} open the device.
 */
public interface Device {

  /**
   * Parses an entry of the configuration.
   *
   * @throws IllegalArgumentException if the text is not valid; the message describes the format
   */
  static Device of(String text) {
    int colon = text.indexOf(':');
    return switch (colon < 0 ? "" : text.substring(0, colon)) {
      case "egd" -> EgdDevice.of(text);
      case "exec" -> ExecDevice.of(text);
      case "tpm" -> TpmDevice.of(text);
      case "tty" -> TtyDevice.parse(text);
      default -> PathDevice.parse(text);
    };
  }

  /** The text of the configuration, which names the device everywhere. */
  String name();

  /** A short form of the name, for threads. */
  String shortName();

  /**
   * Checks the access to the device without opening it.
   *
   * @throws IOException if it does not exist or its access is denied
   */
  void check() throws IOException;

  /**
   * Opens and closes the device at the start, as far as that neither waits nor changes the device.
   */
  default void tryOpen() throws IOException {}

  /**
   * The identity of the device, equal for two names of one device.
   *
   * @throws IOException if it is not accessible
   */
  Object identity() throws IOException;

  /** What the device is at present, for administrators. */
  DeviceInfo info();

  /** The advice to an administrator if the device cannot be opened for this reason. */
  String fixFor(IOException cause);

  /**
   * Opens the device.
   *
   * @param position the number of bytes that were read before
   * @throws IOException with a short reason
   */
  DeviceChannel open(long position) throws IOException;
}
