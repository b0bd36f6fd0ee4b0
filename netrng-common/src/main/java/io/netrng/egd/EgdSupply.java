// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import io.netty.channel.ChannelHandlerContext;

/**
 * The entropy of one EGD connection. All methods are called on the event loop of the connection.
 */
public interface EgdSupply {

  /** Returns how many bytes {@link #write} can write at once. */
  long available();

  /**
   * Returns an estimate of the bytes that {@link #draw} could make available without a wait, in
   * addition to the available ones.
   */
  long ready();

  /**
   * Draws entropy until this number of bytes is available. Bytes without a wait are available when
   * the call returns. For the others, the listener of the supply is called later, on the event
   * loop, each time that more bytes are available. A draw is never withdrawn; its bytes serve later
   * requests of the same connection.
   *
   * @param bytes all bytes that the connection waits for, those of earlier calls included
   */
  void draw(long bytes);

  /**
   * Writes available bytes, without a flush. They are zeroed once they are in the socket.
   *
   * @param most the maximum number of bytes
   * @return the number of bytes, the smaller of the maximum and the available ones
   */
  int write(ChannelHandlerContext connection, int most);

  /** Destroys the available bytes, because the connection has ended. */
  void close();
}
