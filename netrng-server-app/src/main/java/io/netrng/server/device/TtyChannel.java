// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import io.netrng.posix.Descriptor;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An open serial line. Its end is a fault, and it can be opened again when it is plugged in. */
final class TtyChannel implements DeviceChannel {

  private final Descriptor descriptor;

  TtyChannel(Descriptor descriptor) {
    this.descriptor = descriptor;
  }

  @Override
  public long read(ByteBuffer[] buffers, int offset, int length) throws IOException {
    return descriptor.read(buffers, offset, length);
  }

  @Override
  public End end() throws IOException {
    throw new IOException("was unplugged");
  }

  /** The kernel stores what arrives. */
  @Override
  public boolean stores() {
    return true;
  }

  @Override
  public boolean isOpen() {
    return descriptor.isOpen();
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
