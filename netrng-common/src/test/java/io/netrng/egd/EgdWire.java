// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** An EGD connection without a socket. */
final class EgdWire {

  private static final HexFormat HEX = HexFormat.of();

  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final List<Integer> unknown = new ArrayList<>();
  private final EmbeddedChannel channel;
  private int buffers;

  EgdWire(EgdMode mode, FakeSupply supply) {
    this(mode, supply, PooledByteBufAllocator.DEFAULT);
  }

  /** Uses buffers of this allocator only. */
  EgdWire(EgdMode mode, FakeSupply supply, ByteBufAllocator memory) {
    channel = new EmbeddedChannel();
    channel.config().setAllocator(memory);
    channel.pipeline().addLast(new EgdConnection(mode, supply, unknown::add));
  }

  EmbeddedChannel channel() {
    return channel;
  }

  /** The commands that have ended the connection. */
  List<Integer> unknown() {
    return unknown;
  }

  /** Delivers bytes as one burst. */
  void receive(String hex) {
    byte[] bytes = HEX.parseHex(hex.replace(" ", ""));
    receive(bytes, 0, bytes.length);
  }

  /** Delivers bytes as one burst. */
  void receive(byte[] bytes, int from, int to) {
    // writeInbound fails for a closed channel, whose bytes the kernel would discard.
    if (channel.isActive()) {
      channel.writeInbound(
          channel.alloc().directBuffer(to - from + 1).writeBytes(bytes, from, to - from));
    }
  }

  /** Returns all bytes that were flushed. */
  byte[] output() {
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      byte[] bytes = new byte[out.readableBytes()];
      out.readBytes(bytes).release();
      output.writeBytes(bytes);
      buffers++;
    }
    return output.toByteArray();
  }

  /** Returns all bytes that were flushed, in hexadecimal. */
  String outputHex() {
    return HEX.formatHex(output());
  }

  /** The number of buffers of the output so far. */
  int buffers() {
    return buffers;
  }

  void close() {
    channel.finishAndReleaseAll();
  }
}
