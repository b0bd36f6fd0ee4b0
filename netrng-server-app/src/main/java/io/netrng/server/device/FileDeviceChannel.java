// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A path that is open. The kind of the path gives the meaning of its end. */
final class FileDeviceChannel implements DeviceChannel {

  private final FileChannel file;
  private final PathKind kind;

  FileDeviceChannel(FileChannel file, PathKind kind) {
    this.file = file;
    this.kind = kind;
  }

  @Override
  public long read(ByteBuffer[] buffers, int offset, int length) throws IOException {
    return file.read(buffers, offset, length);
  }

  @Override
  public End end() throws IOException {
    return switch (kind) {
      case CHARACTER_DEVICE -> throw new IOException("ended, though a character device has no end");
      case FIFO -> End.REOPEN;
      case FILE -> End.EXHAUSTED;
    };
  }

  @Override
  public boolean stores() {
    return kind == PathKind.FIFO;
  }

  @Override
  public boolean isOpen() {
    return file.isOpen();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
