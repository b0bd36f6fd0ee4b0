// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ScatteringByteChannel;

/**
 * An open device. One thread reads, into off-heap memory only; no byte may reach the heap. A read
 * waits for at least one byte. Another thread may close the channel, and the read then fails. The
 * reader closes the channel too.
 */
public interface DeviceChannel extends ScatteringByteChannel {

  /** The meaning of an end. */
  enum End {
    /** The device has more bytes after it is opened again. */
    REOPEN,
    /** The device has no more bytes. */
    EXHAUSTED
  }

  /**
   * The meaning of the end, after a read has returned −1.
   *
   * @throws IOException if the end is a fault of the device, with a short reason
   */
  End end() throws IOException;

  /** Whether bytes are stored between the device and this channel while nobody reads. */
  boolean stores();

  @Override
  default long read(ByteBuffer[] buffers) throws IOException {
    return read(buffers, 0, buffers.length);
  }

  @Override
  default int read(ByteBuffer buffer) throws IOException {
    return (int) read(new ByteBuffer[] {buffer});
  }
}
