// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.naming.ExternalName;
import io.netty.buffer.PooledByteBufAllocator;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.core.io.buffer.NettyDataBufferFactory;

/** One capture of bytes for an administrator, which writes them to an HTTP response. */
interface Capture {

  NettyDataBufferFactory BUFFERS = new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT);

  /** The reasons for the end of a capture. */
  enum End implements ExternalName {
    /** All bytes were handed to the connection. */
    FINISHED,
    /** Every device was a file and has been read to its end. */
    EXHAUSTED,
    /** The administrator disconnected, or the server stops. */
    CANCELLED;
  }

  /** Requests the bytes. */
  void begin();

  /** Ends a capture that waits for bytes that will not come. Called once per second. */
  void check();

  /** Requests no more bytes and destroys the unwritten ones. */
  void end();

  /** Adds the captured size and the reason for the end. Never logs a byte of it. */
  LoggingEventBuilder describe(LoggingEventBuilder line);
}
