// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.server.session.ByteClient;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpHeaderValues;

/** Entropy as bytes. The bytes go from the device's memory to the socket without a copy. */
final class BinaryAnswer implements Answer {

  private final long length;
  private long missing;

  BinaryAnswer(Blocks blocks) {
    length = blocks.bytes();
    missing = length;
  }

  @Override
  public String contentType() {
    return HttpHeaderValues.APPLICATION_OCTET_STREAM.toString();
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public long missing() {
    return missing;
  }

  @Override
  public void write(ByteClient from, ChannelHandlerContext to) {
    while (missing > 0 && from.available() > 0 && to.channel().isWritable()) {
      ByteClient.Part part = from.take(missing);
      missing -= part.bytes().readableBytes();
      to.write(new DefaultHttpContent(part.bytes())).addListener(part);
    }
  }

  /** Nothing is kept. */
  @Override
  public void destroy() {}
}
