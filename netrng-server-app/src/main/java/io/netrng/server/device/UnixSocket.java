// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.nio.file.AccessMode;
import java.nio.file.Files;
import java.nio.file.Path;

/** The path of a unix socket, in the file system. */
final class UnixSocket {

  private static final int FILE_TYPE_MASK = 0xf000;
  private static final int SOCKET = 0xc000;

  private UnixSocket() {}

  /** Whether a path is a socket; follows symbolic links. */
  static boolean is(Path path) throws IOException {
    return ((int) Files.getAttribute(path, "unix:mode") & FILE_TYPE_MASK) == SOCKET;
  }

  /** Checks that this process may connect to a socket, or read and write a device. */
  static void requireAccess(Path path) throws IOException {
    path.getFileSystem().provider().checkAccess(path, AccessMode.READ, AccessMode.WRITE);
  }
}
