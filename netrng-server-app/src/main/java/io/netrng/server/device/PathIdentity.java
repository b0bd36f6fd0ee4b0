// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The identity of a device, independent of its path. For a character device it is the device
 * number, so that two nodes of one device are equal. For a FIFO, a file or a socket it is the
 * inode.
 *
 * @param character whether it is a character device
 * @param fileSystem the number of the file system whose object it is; 0 if that does not matter
 * @param number the device number, or the inode's number
 */
record PathIdentity(boolean character, long fileSystem, long number) {

  /** The slaves of pseudo-terminals: each mount of devpts numbers its own from 0. */
  private static final int FIRST_PTY_MAJOR = 136;

  private static final int LAST_PTY_MAJOR = 143;

  /** The major part of a device number, which selects the driver. */
  static long major(long number) {
    return (number >>> 8) & 0xfff;
  }

  /** The minor part of a device number. */
  static long minor(long number) {
    return (number & 0xff) | ((number >>> 12) & 0xfff00);
  }

  /** The number as the kernel writes it, such as {@code 188:0}. */
  static String numberText(long number) {
    return major(number) + ":" + minor(number);
  }

  /** Follows symbolic links. */
  static PathIdentity of(Path device) throws IOException {
    if (PathKind.of(device) != PathKind.CHARACTER_DEVICE) {
      return ofInode(device);
    }
    long fileSystem = (long) Files.getAttribute(device, "unix:dev");
    long number = (long) Files.getAttribute(device, "unix:rdev");
    return new PathIdentity(true, isPseudoTerminal(number) ? fileSystem : 0, number);
  }

  /** Follows symbolic links, to any kind of file. */
  static PathIdentity ofInode(Path path) throws IOException {
    return new PathIdentity(
        false,
        (long) Files.getAttribute(path, "unix:dev"),
        (long) Files.getAttribute(path, "unix:ino"));
  }

  static boolean isPseudoTerminal(long number) {
    long major = major(number);
    return major >= FIRST_PTY_MAJOR && major <= LAST_PTY_MAJOR;
  }
}
