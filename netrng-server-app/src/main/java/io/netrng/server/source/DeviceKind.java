package io.netrng.server.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a path names, which decides what the end of its data means. */
enum DeviceKind {
  /** Has no end: one is a fault. */
  CHARACTER_DEVICE(0x2000),
  /** Ends when its last writer leaves, and goes on with the next. */
  FIFO(0x1000),
  /** Is read once. */
  FILE(0x8000);

  private static final int FILE_TYPE_MASK = 0xf000;

  private final int fileType;

  DeviceKind(int fileType) {
    this.fileType = fileType;
  }

  /**
   * Looks at a path.
   *
   * @throws IOException if it cannot be looked at, or is nothing that can be read as a device
   */
  static DeviceKind of(Path path) throws IOException {
    int fileType = (int) Files.getAttribute(path, "unix:mode") & FILE_TYPE_MASK;
    for (DeviceKind kind : values()) {
      if (kind.fileType == fileType) {
        return kind;
      }
    }
    throw new IOException("is neither a character device nor a FIFO nor a file");
  }
}
