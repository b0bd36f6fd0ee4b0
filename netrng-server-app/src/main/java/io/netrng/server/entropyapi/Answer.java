// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.server.session.ByteClient;
import io.netty.channel.ChannelHandlerContext;

/** An answer with entropy. Used on the event loop of its connection. */
interface Answer {

  /** The type of the body. */
  String contentType();

  /** The size of the body, in bytes. */
  long length();

  /** The bytes of entropy that are not taken yet. */
  long missing();

  /**
   * Takes available entropy and writes it, without a flush, while the connection accepts it. All of
   * the body is written once no entropy is missing.
   */
  void write(ByteClient from, ChannelHandlerContext to);

  /** Destroys what is taken and not written, because the connection has ended. */
  void destroy();
}
