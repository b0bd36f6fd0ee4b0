// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.server.session.ByteClient;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.base64.Base64;
import io.netty.handler.codec.base64.Base64Dialect;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpHeaderValues;
import java.nio.charset.StandardCharsets;

/** Blocks of entropy in Base64 (QRNG Open API), encoded one after the other outside the heap. */
final class JsonAnswer implements Answer {

  private static final String BEGIN = "{\"entropy\":[\"";
  private static final String BETWEEN = "\",\"";
  private static final String END = "\"],\"extensions\":[]}";

  private final Blocks blocks;
  private final Secret block;
  private int written;
  private long missing;

  JsonAnswer(Blocks blocks, ChannelHandlerContext connection) {
    this.blocks = blocks;
    block = new Secret(blocks.size(), connection);
    missing = blocks.bytes();
  }

  @Override
  public String contentType() {
    return HttpHeaderValues.APPLICATION_JSON.toString();
  }

  @Override
  public long length() {
    long encoded = 4L * Math.ceilDiv(blocks.size(), 3);
    return BEGIN.length()
        + blocks.count() * encoded
        + (blocks.count() - 1L) * BETWEEN.length()
        + END.length();
  }

  @Override
  public long missing() {
    return missing;
  }

  @Override
  public void write(ByteClient from, ChannelHandlerContext to) {
    while (missing > 0 && from.available() > 0 && to.channel().isWritable()) {
      missing -= block.fill(from);
      if (block.isFull()) {
        writeText(written == 0 ? BEGIN : BETWEEN, to);
        block.write(encoded(to), to);
        written++;
      }
    }
    if (missing == 0) {
      writeText(END, to);
      block.destroy();
    }
  }

  private ByteBuf encoded(ChannelHandlerContext to) {
    return Base64.encode(
        block.bytes(), 0, blocks.size(), false, Base64Dialect.STANDARD, to.alloc());
  }

  private static void writeText(String text, ChannelHandlerContext to) {
    var _ =
        to.write(
            new DefaultHttpContent(
                Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.US_ASCII))));
  }

  @Override
  public void destroy() {
    block.destroy();
  }
}
