// SPDX-License-Identifier: Apache-2.0
package io.netrng.net;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The name of this machine. */
public final class HostName {

  private static final Path KERNEL = Path.of("/proc/sys/kernel/hostname");

  private HostName() {}

  /**
   * Reads the name from the kernel, because Java's own method may query a name server.
   *
   * @return the name; empty if the kernel does not give one
   */
  public static String get() {
    try {
      return Files.readString(KERNEL).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
