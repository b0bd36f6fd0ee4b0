// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kind of a device's path, which defines the meaning of an end of data. */
enum PathKind {
  /** Has no end of data; an end is a fault. */
  CHARACTER_DEVICE(0x2000),
  /** Ends when its last writer closes it, and continues with the next writer. */
  FIFO(0x1000),
  /** Is read once. */
  FILE(0x8000);

  private static final int FILE_TYPE_MASK = 0xf000;

  private final int fileType;

  PathKind(int fileType) {
    this.fileType = fileType;
  }

  /**
   * Determines the kind of a path.
   *
   * @throws IOException if the path is not accessible or cannot be read as a device
   */
  static PathKind of(Path path) throws IOException {
    int fileType = (int) Files.getAttribute(path, "unix:mode") & FILE_TYPE_MASK;
    for (PathKind kind : values()) {
      if (kind.fileType == fileType) {
        return kind;
      }
    }
    throw new IOException("is neither a character device nor a FIFO nor a file");
  }
}
